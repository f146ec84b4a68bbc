using Quoin.StripeSimulator.Cards;

namespace Quoin.StripeSimulator.Pages;

/// <summary>Where a card is typed in, with the cards there are to try.</summary>
internal static class CardFields
{
    /// <summary>The fields.</summary>
    /// <param name="hasProblem">Whether the number was refused and is named by the page's alert.</param>
    /// <param name="name">As typed before; null nothing.</param>
    public static string Of(bool hasProblem, string? name = null) => $"""
              <fieldset class="card-fields">
                <legend>Card</legend>
                <label class="wide">Card number
                  <input name="number" inputmode="numeric" autocomplete="cc-number" placeholder="1234 1234 1234 1234" required
                    maxlength="23" pattern="[0-9 ]+"{(hasProblem ? " aria-invalid=\"true\" aria-describedby=\"problem\"" : string.Empty)}></label>
                <label>Expires
                  <input name="expiry" inputmode="numeric" autocomplete="cc-exp" placeholder="MM / YY" required maxlength="7"
                    pattern="[0-9]{"{"}1,2{"}"} ?/? ?[0-9]{"{"}2{"}"}"></label>
                <label>Security code
                  <input name="cvc" inputmode="numeric" autocomplete="cc-csc" placeholder="CVC" required maxlength="4"
                    pattern="[0-9]{"{"}3,4{"}"}"></label>
                <label class="wide">Name on card
                  <input name="name" autocomplete="cc-name" required maxlength="200" value="{Html.Of(name)}"></label>
              </fieldset>
              <details class="cards">
                <summary>Cards to try</summary>
                <ul>
                  {string.Concat(Shown.Select(Row))}
                </ul>
              </details>
        """;

    private static readonly (string Number, string Says)[] Shown =
    [
        ("4242424242424242", "Pays"),
        ("4000002500003155", "Asks to confirm (3-D Secure)"),
        ("4000000000000002", "Is declined"),
        ("4000000000009995", "Has insufficient funds"),
        ("4000000000000341", "Pays now, fails at renewals"),
        ("4000000000000259", "Pays, then is disputed"),
        ("4000000000007726", "Pays; refunds take a while"),
        ("4000000000005126", "Pays; refunds fail later"),
    ];

    /// <summary>A number in groups of four.</summary>
    public static string Grouped(string number) => string.Join(' ', number.Chunk(4).Select(group => new string(group)));

    /// <summary>How a card is called on pages.</summary>
    public static string Named(TestCard card) =>
        $"{card.Brand switch { "visa" => "Visa", "mastercard" => "Mastercard", _ => "American Express" }} •••• {card.Last4}";

    private static string Row((string Number, string Says) card) =>
        $"<li><button type=\"button\" data-card=\"{card.Number}\"><code>{Grouped(card.Number)}</code> "
            + $"<span>{card.Says}</span></button></li>";
}
