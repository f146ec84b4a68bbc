using System.Globalization;
using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Internal;
using Quoin.StripeSimulator.Resources;

namespace Quoin.StripeSimulator.Pages;

/// <summary>Where customers see what they pay with and for, and change or end it.</summary>
internal sealed class PortalPage(World world)
{
    /// <summary>The page of a visit.</summary>
    public string Of(JsonObject session, JsonObject customer, string? problem = null) =>
        Html.Page($"Billing · {world.Options.BusinessName}", $"""
          <main class="portal">
            <header>
              <p class="business">{Html.Of(world.Options.BusinessName)}</p>
              <h1>Billing</h1>
              <p class="lead">{Html.Of(customer.Text("name") ?? customer.Text("email") ?? customer.Id())}</p>
              {(session.Text("return_url") is { } url ? $"<a class=\"back\" href=\"{Html.Of(url)}\"><span aria-hidden=\"true\">←</span> Return</a>" : string.Empty)}
            </header>
            {Html.Alert(problem)}
            <section class="card" aria-labelledby="plans"><h2 id="plans">Subscriptions</h2>{Subscriptions(customer)}</section>
            <section class="card" aria-labelledby="methods"><h2 id="methods">Payment methods</h2>{Methods(customer)}
              <details class="add"{(problem is null ? string.Empty : " open")}>
                <summary>Add a card</summary>
                <form method="post">
                  <input type="hidden" name="act" value="add">
                  {CardFields.Of(problem is not null)}
                  <button class="button" type="submit"><span>Save card</span></button>
                </form>
              </details>
            </section>
            <section class="card" aria-labelledby="invoices"><h2 id="invoices">Invoices</h2>{Invoices(customer)}</section>
          </main>
        """);

    /// <summary>An invoice, and how to pay it while it is open.</summary>
    public string Invoice(JsonObject invoice, string? problem = null)
    {
        var currency = invoice.Text("currency")!;
        var lines = invoice.Data("lines").Select(line =>
            $"<li><span>{Html.Of(line.Text("description"))}</span><span>{InvoiceLines.Money(line.Long("amount"), currency)}</span></li>");
        var isOpen = invoice.Text("status") is "open" or "uncollectible";
        var pay = !isOpen ? string.Empty : $"""
            <form method="post">
              {CardFields.Of(problem is not null)}
              <button class="button" type="submit"><span>Pay {InvoiceLines.Money(invoice.Long("amount_remaining"), currency)}</span></button>
            </form>
            """;
        return Html.Page($"Invoice {invoice.Text("number")}", $"""
              <main class="narrow card invoice">
                <p class="business">{Html.Of(world.Options.BusinessName)}</p>
                <h1>Invoice {Html.Of(invoice.Text("number") ?? "(draft)")}</h1>
                <p class="lead">{Badge(invoice.Text("status")!)} {Day(invoice.Long("created"))} · {Html.Of(invoice.Text("customer_email"))}</p>
                <ul class="lines">{string.Concat(lines)}
                  <li class="total"><span>{(isOpen ? "Amount due" : "Total")}</span>
                    <span>{InvoiceLines.Money(isOpen ? invoice.Long("amount_remaining") : invoice.Long("total"), currency)}</span></li>
                </ul>
                {Html.Alert(problem)}
                {pay}
              </main>
            """);
    }

    /// <summary>What a payer keeps of a payment.</summary>
    public string Receipt(JsonObject charge)
    {
        var currency = charge.Text("currency")!;
        var refunded = charge.Long("amount_refunded");
        return Html.Page("Receipt", $"""
              <main class="narrow card invoice">
                <p class="business">{Html.Of(world.Options.BusinessName)}</p>
                <h1>Receipt</h1>
                <p class="lead">{Day(charge.Long("created"))} · {Html.Of(charge.Child("payment_method_details")?.Child("card")?.Text("brand"))}
                  •••• {Html.Of(charge.Child("payment_method_details")?.Child("card")?.Text("last4"))}</p>
                <ul class="lines">
                  <li><span>{Html.Of(charge.Text("description") ?? "Payment")}</span><span>{InvoiceLines.Money(charge.Long("amount"), currency)}</span></li>
                  {(refunded == 0 ? string.Empty : $"<li><span>Refunded</span><span>{InvoiceLines.Money(-refunded, currency)}</span></li>")}
                  <li class="total"><span>Paid</span><span>{InvoiceLines.Money(charge.Long("amount") - refunded, currency)}</span></li>
                </ul>
                <p class="terms">{Html.Of(charge.Id())}</p>
              </main>
            """);
    }

    private string Subscriptions(JsonObject customer)
    {
        var rows = world.Store.Newest("subscription").Where(one => one.Text("customer") == customer.Id()).Take(20)
            .Select(Subscription).ToList();
        return rows.Count == 0 ? "<p class=\"empty\">There is no subscription.</p>"
            : $"<ul class=\"rows\">{string.Concat(rows)}</ul>";
    }

    private string Subscription(JsonObject subscription)
    {
        var item = subscription.Data("items").First();
        var price = item.Child("price")!;
        var ends = subscription.Flag("cancel_at_period_end");
        var end = Day(Resources.Subscriptions.PeriodEnd(subscription));
        var status = subscription.Text("status")!;
        var act = status is "canceled" or "incomplete_expired" ? string.Empty : $"""
            <form method="post">
              <input type="hidden" name="subscription" value="{Html.Of(subscription.Id())}">
              <button class="button quiet small" name="act" value="{(ends ? "resume" : "cancel")}" type="submit">{(ends ? "Keep" : "Cancel")}
                <span class="hidden">{Html.Of(world.Catalogue.NameOf(price))}</span></button>
            </form>
            """;
        var when = status switch
        {
            "canceled" or "incomplete_expired" => "Ended",
            _ when ends => $"Ends {end}",
            _ =>
            $"Renews {end}"
        };
        return $"""
            <li><div><strong>{Html.Of(world.Catalogue.NameOf(price))}</strong> {Badge(status)}
              <small>{Times(item)}{InvoiceLines.Money(price.Long("unit_amount"), price.Text("currency")!)}
                / {Html.Of(price.Child("recurring")?.Text("interval"))} · {when}</small></div>{act}</li>
            """;
    }

    private string Methods(JsonObject customer)
    {
        var usual = customer.Child("invoice_settings")?.Text("default_payment_method");
        var rows = world.PaymentMethods.Of(customer).Select(method => $"""
            <li><div><strong>{Html.Of(CardFields.Named(PaymentMethods.CardOf(method)))}</strong>
              {(method.Id() == usual ? "<span class=\"badge good\">Default</span>" : string.Empty)}
              <small>Expires {method.Child("card")!.Long("exp_month"):00} / {method.Child("card")!.Long("exp_year")}</small></div>
              <form method="post"><input type="hidden" name="method" value="{Html.Of(method.Id())}">
                {(method.Id() == usual ? string.Empty : "<button class=\"button quiet small\" name=\"act\" value=\"default\" type=\"submit\">Make default" + Which(method) + "</button>")}
                <button class="button quiet small" name="act" value="remove" type="submit">Remove{Which(method)}</button></form></li>
            """).ToList();
        return rows.Count == 0 ? "<p class=\"empty\">There is no card.</p>" : $"<ul class=\"rows\">{string.Concat(rows)}</ul>";
    }

    private string Invoices(JsonObject customer)
    {
        var rows = world.Store.Newest("invoice")
            .Where(one => one.Text("customer") == customer.Id() && one.Text("number") is not null).Take(20)
            .Select(invoice => $"""
                <li><div><a href="{Html.Of(invoice.Text("hosted_invoice_url"))}">{Html.Of(invoice.Text("number"))}</a> {Badge(invoice.Text("status")!)}
                  <small>{Day(invoice.Long("created"))}</small></div><span>{InvoiceLines.Money(invoice.Long("total"), invoice.Text("currency")!)}</span></li>
                """).ToList();
        return rows.Count == 0 ? "<p class=\"empty\">There is no invoice yet.</p>"
            : $"<ul class=\"rows\">{string.Concat(rows)}</ul>";
    }

    // Several buttons say the same to the eye; to the ear each says which card it means.
    private static string Which(JsonObject method) =>
        $" <span class=\"hidden\">{Html.Of(CardFields.Named(PaymentMethods.CardOf(method)))}</span>";

    private static string Times(JsonObject item) => item.LongOrNull("quantity") is > 1 and var quantity ? $"{quantity} × " : string.Empty;

    private static string Badge(string status) => status switch
    {
        "active" or "paid" or "trialing" => $"<span class=\"badge good\">{Word(status)}</span>",
        "past_due" or "open" or "unpaid" or "incomplete" or "uncollectible" => $"<span class=\"badge warn\">{Word(status)}</span>",
        _ => $"<span class=\"badge\">{Word(status)}</span>",
    };

    private static string Word(string status) =>
        Html.Of(string.Concat(char.ToUpperInvariant(status[0]).ToString(), status.AsSpan(1)).Replace('_', ' '));

    private static string Day(long at) =>
        DateTimeOffset.FromUnixTimeSeconds(at).ToString("d MMM yyyy", CultureInfo.InvariantCulture);
}
