using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Cards;
using Quoin.StripeSimulator.Internal;
using Quoin.StripeSimulator.Resources;

namespace Quoin.StripeSimulator.Pages;

/// <summary>The pages people see, and what their buttons do.</summary>
internal sealed class PageEndpoints(World world)
{
    private readonly CheckoutPage checkout = new(world);
    private readonly PortalPage portal = new(world);

    /// <summary>Maps them all.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/assets/{name}", (HttpContext context, string name) => Asset(context, name));
        app.MapGet("/c/pay/{id}", (HttpContext context, string id) =>
            Show(context, id, "checkout.session", one => checkout.Of(one)));
        app.MapPost("/c/pay/{id}", (HttpContext context, string id) => Pay(context, id));
        app.MapGet("/c/done/{id}", (HttpContext context, string id) => Show(
            context, id, "checkout.session", _ => Html.Message("Thank you", "Your payment went through.", mark: "done")));
        app.MapGet("/challenge/{id}", (HttpContext context, string id) => ShowChallenge(context, id));
        app.MapPost("/challenge/{id}", (HttpContext context, string id) => FinishChallenge(context, id));
        app.MapGet("/pay/{id}", (HttpContext context, string id) => VisitLink(context, id));
        app.MapGet("/p/session/{id}", (HttpContext context, string id) => Show(
            context, id, "billing_portal.session", one => portal.Of(one, world.Get("customer", one.Text("customer")!))));
        app.MapPost("/p/session/{id}", (HttpContext context, string id) => ActInPortal(context, id));
        app.MapGet("/invoices/{id}", (HttpContext context, string id) => Show(context, id, "invoice", one => portal.Invoice(one)));
        app.MapPost("/invoices/{id}", (HttpContext context, string id) => PayInvoice(context, id));
        app.MapGet("/invoices/{id}/pdf", (HttpContext context, string id) => ShowPdf(context, id));
        app.MapGet("/receipts/{id}", (HttpContext context, string id) => Show(context, id, "charge", portal.Receipt));
    }

    private static async Task Asset(HttpContext context, string name)
    {
        var type = name switch
        {
            "pages.css" => "text/css; charset=utf-8",
            "pages.js" =>
            "text/javascript; charset=utf-8",
            _ => null
        };
        if (type is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await using var stream = typeof(PageEndpoints).Assembly.GetManifestResourceStream(name)!;
        context.Response.ContentType = type;
        await stream.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private Task Show(HttpContext context, string id, string kind, Func<JsonObject, string> page) =>
        Write(context, world.Do(() => world.Store.Find(kind, id) is { } found ? page(found) : null));

    private async Task Pay(HttpContext context, string id)
    {
        var posted = await Posted(context);
        var (page, location) = world.Do(() => Pay(id, posted));
        await Answer(context, page, location);
    }

    private (string? Page, string? Location) Pay(string id, IReadOnlyDictionary<string, string> posted)
    {
        if (world.Store.Find("checkout.session", id) is not { } session)
        {
            return (null, null);
        }

        if (session.Text("status") != "open")
        {
            return (checkout.Of(session), null);
        }

        try
        {
            var method = posted.TryGetValue("saved", out var saved)
                ? Own(world.Get("customer", session.Text("customer") ?? string.Empty), saved)
                : CardOf(posted);
            return world.Checkouts.Pay(session, method, posted.GetValueOrDefault("email"), posted.GetValueOrDefault("name")) switch
            {
                Verdict.Approved => (null, After(session)),
                Verdict.NeedsPayer => (null, "/challenge/" + session.Text("_intent")),
                _ => (checkout.Of(session, PaymentMethods.CardOf(method).Message + " Try another card.", posted), null),
            };
        }
        catch (ApiException refusal)
        {
            return (checkout.Of(session, refusal.Message, posted), null);
        }
    }

    private Task ShowChallenge(HttpContext context, string id) => Write(context, world.Do(() =>
        Intent(id) is not { } intent ? null
            : intent.Text("status") != "requires_action" ? Html.Message("Nothing to confirm", "This payment has been dealt with.")
            : checkout.Challenge(intent, world.Get("payment_method", intent.Text("payment_method")!))));

    private async Task FinishChallenge(HttpContext context, string id)
    {
        var posted = await Posted(context);
        var (page, location) = world.Do(() => FinishChallenge(id, posted.GetValueOrDefault("outcome") == "complete"));
        await Answer(context, page, location);
    }

    private (string? Page, string? Location) FinishChallenge(string id, bool isConfirmed)
    {
        if (Intent(id) is not { } intent)
        {
            return (null, null);
        }

        if (intent.Kind() == "setup_intent")
        {
            world.SetupIntents.FinishChallenge(intent, isConfirmed);
        }
        else
        {
            world.PaymentIntents.FinishChallenge(intent, isConfirmed);
        }

        if (world.Store.Find("checkout.session", intent.Text("_session")) is { } session)
        {
            return session.Text("status") == "complete"
                ? (null, After(session))
                : (checkout.Of(session, "Your bank could not confirm that it was you. Try again, or use another card."), null);
        }

        if (world.Store.Find("invoice", intent.Text("_invoice")) is { } invoice)
        {
            return (null, "/invoices/" + invoice.Id());
        }

        return intent.Text("_return_url") is { } back
            ? (null, back)
            : (Html.Message("Thank you", isConfirmed ? "It is confirmed." : "It was not confirmed."), null);
    }

    private async Task VisitLink(HttpContext context, string id)
    {
        var (page, location) = world.Do<(string?, string?)>(() => world.Store.Find("payment_link", id) switch
        {
            null => (null, null),
            { } link when !link.Flag("active") => (Html.Message(
                "This link is no longer active", link.Text("inactive_message")
                    ?? "Ask whoever sent it to you for another one.", mark: "wrong"), null),
            { } link => (null, "/c/pay/" + world.Checkouts.OfLink(link).Id()),
        });
        await Answer(context, page, location);
    }

    private async Task ActInPortal(HttpContext context, string id)
    {
        var posted = await Posted(context);
        var (page, location) = world.Do<(string?, string?)>(() =>
        {
            if (world.Store.Find("billing_portal.session", id) is not { } session)
            {
                return (null, null);
            }

            var customer = world.Get("customer", session.Text("customer")!);
            try
            {
                Act(customer, posted);
                return (null, "/p/session/" + id);
            }
            catch (ApiException refusal)
            {
                return (portal.Of(session, customer, refusal.Message), null);
            }
        });
        await Answer(context, page, location);
    }

    private void Act(JsonObject customer, IReadOnlyDictionary<string, string> posted)
    {
        switch (posted.GetValueOrDefault("act"))
        {
            case "add":
                var method = CardOf(posted);
                world.Store.Put(method);
                world.PaymentMethods.Attach(method, customer);
                if (customer.Child("invoice_settings")!.Text("default_payment_method") is null)
                {
                    world.Customers.SetDefault(customer, method.Id());
                }

                break;
            case "default":
                world.Customers.SetDefault(customer, Own(customer, posted.GetValueOrDefault("method")).Id());
                break;
            case "remove":
                world.PaymentMethods.Detach(Own(customer, posted.GetValueOrDefault("method")));
                break;
            case "cancel" or "resume":
                var ends = posted["act"] == "cancel";
                var subscription = world.Get("subscription", posted.GetValueOrDefault("subscription") ?? string.Empty);
                if (subscription.Text("customer") == customer.Id())
                {
                    world.Subscriptions.EndWithPeriod(subscription, ends);
                }

                break;
        }
    }

    private async Task PayInvoice(HttpContext context, string id)
    {
        var posted = await Posted(context);
        var (page, location) = world.Do<(string?, string?)>(() =>
        {
            if (world.Store.Find("invoice", id) is not { } invoice)
            {
                return (null, null);
            }

            if (invoice.Text("status") is not ("open" or "uncollectible"))
            {
                return (portal.Invoice(invoice), null);
            }

            try
            {
                var method = CardOf(posted);
                return world.Invoices.Collect(invoice, method, Presence.Here) switch
                {
                    Verdict.Approved => (null, "/invoices/" + id),
                    Verdict.NeedsPayer => (null, "/challenge/" + invoice.Text("_intent")),
                    _ => (portal.Invoice(invoice, PaymentMethods.CardOf(method).Message), null),
                };
            }
            catch (ApiException refusal)
            {
                return (portal.Invoice(invoice, refusal.Message), null);
            }
        });
        await Answer(context, page, location);
    }

    private async Task ShowPdf(HttpContext context, string id)
    {
        var pdf = world.Do(
            () => world.Store.Find("invoice", id) is { } invoice ? InvoicePdf.Of(invoice, world.Options.BusinessName) : null);
        if (pdf is null)
        {
            await Write(context, null);
            return;
        }

        context.Response.ContentType = "application/pdf";
        await context.Response.Body.WriteAsync(pdf, context.RequestAborted);
    }

    private JsonObject? Intent(string id) => world.Store.Find("payment_intent", id) ?? world.Store.Find("setup_intent", id);

    private JsonObject Own(JsonObject customer, string? method) =>
        world.Store.Find("payment_method", method) is { } found && found.Text("customer") == customer.Id()
            ? found
            : throw ApiException.Missing("payment_method", method ?? string.Empty);

    private JsonObject CardOf(IReadOnlyDictionary<string, string> posted)
    {
        var expiry = (posted.GetValueOrDefault("expiry") ?? string.Empty).Where(char.IsAsciiDigit).ToArray();
        var (month, year) = expiry.Length == 4
            ? (int.Parse(expiry.AsSpan(0, 2), CultureInfo.InvariantCulture),
                2000 + int.Parse(expiry.AsSpan(2), CultureInfo.InvariantCulture))
            : (0, 0);
        return world.PaymentMethods.New(posted.GetValueOrDefault("number") ?? string.Empty, month, year);
    }

    private static string After(JsonObject session) => Checkouts.ReturnTo(session) ?? "/c/done/" + session.Id();

    private static async Task<IReadOnlyDictionary<string, string>> Posted(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        return form.ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.Ordinal);
    }

    private static async Task Answer(HttpContext context, string? page, string? location)
    {
        if (location is not null)
        {
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = location;
            return;
        }

        await Write(context, page);
    }

    private static async Task Write(HttpContext context, string? page)
    {
        var response = context.Response;
        response.StatusCode = page is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["X-Content-Type-Options"] = "nosniff";
        response.Headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; "
                + "frame-ancestors 'none'";
        await response.WriteAsync(
            page ?? Html.Message("Not found", "There is nothing here. The address may be cut off.", mark: "wrong"),
                context.RequestAborted);
    }
}
