using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Cards;
using Quoin.StripeSimulator.Internal;
using Quoin.StripeSimulator.Resources;

namespace Quoin.StripeSimulator.Pages;

/// <summary>Where customers pay, subscribe, or leave a card.</summary>
internal sealed class CheckoutPage(World world)
{
    /// <summary>The page of a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="problem">Why the last attempt failed; null none.</param>
    /// <param name="posted">What was typed, to be shown again; null nothing.</param>
    public string Of(
        JsonObject session, string? problem = null, IReadOnlyDictionary<string, string>? posted = null) =>
        session.Text("status") switch
        {
            "complete" => Html.Message("You're all set", "This checkout is complete.", Checkouts.ReturnTo(session), "Continue", "done"),
            "expired" => Html.Message(
                "This page has expired", "Nobody can pay here any more. Begin again where you came from.",
                    session.Text("cancel_url"), "Go back", "wrong"),
            _ => Html.Page($"{TitleOf(session)} · {world.Options.BusinessName}", $"""
              <main class="pay">
                <section class="summary" aria-label="What you pay for">
                  {Back(session)}
                  <p class="business">{Html.Of(world.Options.BusinessName)}</p>
                  <h1>{Html.Of(TitleOf(session))}</h1>
                  {Price(session)}
                  {Lines(session)}
                </section>
                <section class="form" aria-label="Payment details">
                  <form method="post" class="card">
                    {Html.Alert(problem)}
                    {Email(session, posted)}
                    {Saved(session)}
                    {CardFields.Of(problem is not null, posted?.GetValueOrDefault("name"))}
                    <button class="button" type="submit"><span>{Html.Of(Submit(session))}</span></button>
                    {Terms(session)}
                  </form>
                </section>
              </main>
            """),
        };

    /// <summary>Where a bank lets a payer confirm.</summary>
    public string Challenge(JsonObject intent, JsonObject method)
    {
        var amount = intent.LongOrNull("amount") is { } due
            ? $"pay <strong>{InvoiceLines.Money(due, intent.Text("currency")!)}</strong> to"
            : "save your card with";
        return Html.Page("Confirm it's you", $"""
              <main class="narrow card challenge">
                <p class="bank"><span class="shield" aria-hidden="true"></span>Test bank · 3-D Secure</p>
                <h1>Confirm it's you</h1>
                <p>You are about to {amount} <strong>{Html.Of(world.Options.BusinessName)}</strong>
                  with {Html.Of(CardFields.Named(PaymentMethods.CardOf(method)))}.</p>
                <form method="post">
                  <button class="button" name="outcome" value="complete" type="submit">Complete authentication</button>
                  <button class="button quiet" name="outcome" value="fail" type="submit">Fail authentication</button>
                </form>
              </main>
            """);
    }

    private static string TitleOf(JsonObject session) => session.Text("mode") switch
    {
        "subscription" => "Subscribe to " + session.Children("_line_items").First().Text("description"),
        "setup" => "Save a payment method",
        _ => "Pay for " + (session.Children("_line_items").Count() == 1
            ? session.Children("_line_items").First().Text("description")
            : "your order"),
    };

    private static string Price(JsonObject session)
    {
        if (session.LongOrNull("amount_total") is not { } total)
        {
            return "<p class=\"lead\">You are not charged now.</p>";
        }

        var every = session.Children("_line_items").Select(line => line.Child("price")!.Child("recurring"))
            .FirstOrDefault(one => one is not null);
        var days = session.LongOrNull("_trial_days");
        var period = every is null ? string.Empty : $" <span>per {Period(every)}</span>";
        var regular = session.Children("_line_items").Sum(line => line.Long("amount_total"));
        return days is null
            ? $"<p class=\"price\">{InvoiceLines.Money(total, session.Text("currency")!)}{period}</p>"
            : $"<p class=\"price\">{days} days free</p><p class=\"lead\">Then "
                + $"{InvoiceLines.Money(regular, session.Text("currency")!)}{period}</p>";
    }

    private static string Period(JsonObject recurring) => recurring.Long("interval_count") == 1
        ? recurring.Text("interval")!
        : $"{recurring.Long("interval_count")} {recurring.Text("interval")}s";

    private static string Lines(JsonObject session)
    {
        if (!session.Children("_line_items").Any())
        {
            return string.Empty;
        }

        var currency = session.Text("currency")!;
        var rows = session.Children("_line_items").Select(line => $"""
            <li><span>{Html.Of(line.Text("description"))}{(line.Long("quantity") == 1 ? string.Empty : $" <small>× {line.Long("quantity")}</small>")}</span>
              <span>{InvoiceLines.Money(line.Long("amount_total"), currency)}</span></li>
            """);
        return $"""
            <ul class="lines">{string.Concat(rows)}{Trial(session)}
              <li class="total"><span>Due today</span><span>{InvoiceLines.Money(session.Long("amount_total"), currency)}</span></li>
            </ul>
            """;
    }

    private static string Trial(JsonObject session)
    {
        if (session.LongOrNull("_trial_days") is not { } days)
        {
            return string.Empty;
        }

        var free = session.Children("_line_items").Sum(line => line.Long("amount_total")) - session.Long("amount_total");
        return $"<li><span>{days} days free</span><span>{InvoiceLines.Money(-free, session.Text("currency")!)}</span></li>";
    }

    private static string Back(JsonObject session) => session.Text("cancel_url") is { } url
        ? $"<a class=\"back\" href=\"{Html.Of(url)}\"><span aria-hidden=\"true\">←</span> Back</a>"
        : string.Empty;

    private string Email(JsonObject session, IReadOnlyDictionary<string, string>? posted)
    {
        var known = world.Store.Find("customer", session.Text("customer"))?.Text("email") ?? session.Text("customer_email");
        return known is not null
            ? $"<p class=\"known\"><span>Email</span> <strong>{Html.Of(known)}</strong></p>"
            : $"""
                <label>Email
                  <input name="email" type="email" autocomplete="email" required maxlength="320" value="{Html.Of(posted?.GetValueOrDefault("email"))}"></label>
                """;
    }

    private string Saved(JsonObject session)
    {
        if (world.Store.Find("customer", session.Text("customer")) is not { } customer || !world.PaymentMethods.Of(customer).Any())
        {
            return string.Empty;
        }

        var cards = world.PaymentMethods.Of(customer).Select(method => $"""
            <button class="saved" type="submit" name="saved" value="{Html.Of(method.Id())}" formnovalidate>
              Pay with {Html.Of(CardFields.Named(PaymentMethods.CardOf(method)))}</button>
            """);
        return $"<div class=\"saved-cards\" role=\"group\" aria-label=\"Saved cards\">{string.Concat(cards)}</div><p "
            + $"class=\"or\"><span>or use another card</span></p>";
    }

    private static string Submit(JsonObject session) => session.Text("mode") switch
    {
        "setup" => "Save card",
        "subscription" when session.LongOrNull("_trial_days") is not null => "Start trial",
        "subscription" => "Subscribe",
        _ => "Pay " + InvoiceLines.Money(session.Long("amount_total"), session.Text("currency")!),
    };

    private string Terms(JsonObject session) => session.Text("mode") == "subscription"
        ? $"<p class=\"terms\">You let {Html.Of(world.Options.BusinessName)} charge your card for this and later "
            + $"payments until you cancel.</p>"
        : string.Empty;
}
