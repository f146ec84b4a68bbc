using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Cards;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Checkout sessions, and what paying on their page does.</summary>
internal sealed class Checkouts(World world)
{
    private const string Kind = "checkout.session";

    public JsonObject Create(Call call)
    {
        var form = call.Form;
        var mode = form.OneOf("mode", "payment", "setup", "subscription") ?? throw ApiException.Required("mode");
        var uiMode = form.Text("ui_mode") ?? "hosted_page";
        if (uiMode == "hosted_page" && form.Text("success_url") is null)
        {
            throw ApiException.Required("success_url");
        }

        var customer = world.Named(form, "customer", "customer");
        CheckCombinations(form, mode, customer);
        var lines = Lines(form, mode);
        return world.Add(New(form, mode, uiMode, customer, lines, form.Metadata()), null);
    }

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject Update(Call call) => world.Change(
        world.Get(Kind, call.Id), null, session => session["metadata"] = call.Form.Metadata(session.Child("metadata")));

    public JsonObject List(Call call)
    {
        var email = call.Form.Child("customer_details")?.Text("email");
        return Api.Lists.Page(
            call,
            world.Store.Newest(Kind)
                .Where(session => session.Fits(call.Form, "customer") && session.Fits(call.Form, "payment_intent")
                && session.Fits(call.Form, "payment_link") && session.Fits(call.Form, "subscription")
                    && session.Fits(call.Form, "status")
                && (email is null || session.Child("customer_details")?.Text("email") == email)),
            Kind);
    }

    public JsonObject LinesOf(Call call) => Json.List(
        call.Request.Path, world.Get(Kind, call.Request.Path.Split('/')[4]).Children("_line_items").Select(Json.Shown));

    public JsonObject Expire(Call call)
    {
        var session = world.Get(Kind, call.Id);
        return session.Text("status") == "open"
            ? Close(session)
            : throw ApiException.State(
                "resource_missing",
                $"Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a "
                    + $"status of `{session.Text("status")}`.");
    }

    /// <summary>Nobody paid in time.</summary>
    public void RunDue(JsonObject session) => Close(session);

    /// <summary>What a payment link's visit opens.</summary>
    public JsonObject OfLink(JsonObject link)
    {
        var form = Form.Read(link.Text("_form"));
        var lines = Lines(form, link.Text("_mode")!);
        var session = New(form, link.Text("_mode")!, "hosted_page", null, lines, link.Child("metadata")!.Copy());
        session["payment_link"] = link.Id();
        session["success_url"] = link.Child("after_completion")?.Child("redirect")?.Text("url");
        return world.Add(session, null);
    }

    /// <summary>Somebody pays on the page.</summary>
    /// <param name="session">The session.</param>
    /// <param name="method">A card that is nobody's yet, or one of the customer's.</param>
    /// <param name="email">As typed; null where the session knows it.</param>
    /// <param name="name">As typed.</param>
    /// <returns>What the bank said.</returns>
    public Verdict Pay(JsonObject session, JsonObject method, string? email, string? name)
    {
        if (session.Text("status") != "open")
        {
            throw ApiException.State("checkout_session_closed", $"This Checkout Session is {session.Text("status")}.");
        }

        session["customer_details"] = new JsonObject
        {
            ["address"] = null,
            ["business_name"] = null,
            ["email"] = world.Store.Find("customer", session.Text("customer"))?.Text("email")
                ?? session.Text("customer_email") ?? email,
            ["individual_name"] = null,
            ["name"] = name,
            ["phone"] = null,
            ["tax_exempt"] = "none",
            ["tax_ids"] = new JsonArray(),
        };
        world.Store.Put(session);
        return session.LongOrNull("amount_total") > 0 && session.Text("_trial") is null
            ? PayNow(session, method)
            : LeaveMethod(session, method);
    }

    /// <summary>The payer goes through with it: from here on there is a customer.</summary>
    public void NameCustomer(JsonObject session, JsonObject intent)
    {
        if (session.Text("customer") is null
            && (session.Text("mode") == "subscription" || session.Text("customer_creation") == "always"))
        {
            var details = session.Child("customer_details");
            var customer = world.Customers.New(details?.Text("email"), details?.Text("name"), null);
            world.Add(customer, "customer.created");
            session["customer"] = customer.Id();
            world.Store.Put(session);
        }

        intent["customer"] = session.Text("customer");
    }

    /// <summary>The payer is through.</summary>
    /// <param name="session">The session.</param>
    /// <param name="method">What was paid with, or left.</param>
    /// <param name="intent">The payment; null when none was due.</param>
    public void Complete(JsonObject session, JsonObject method, JsonObject? intent)
    {
        var customer = world.Store.Find("customer", session.Text("customer"));
        switch (session.Text("mode"))
        {
            case "subscription":
                Subscribe(session, customer!, method, intent);
                break;
            case "payment" when session.Child("invoice_creation")?.Flag("enabled") == true && customer is not null:
                session["invoice"] = InvoiceOf(session, customer, intent).Id();
                break;
        }

        session.Remove("_due");
        world.Change(session, null, value =>
        {
            value["status"] = "complete";
            value["payment_status"] = intent is null ? "no_payment_required" : "paid";
            value["url"] = null;
        });
        world.Events.Emit("checkout.session.completed", session);
        CountForLink(session);
    }

    /// <summary>Where the payer goes afterwards.</summary>
    public static string? ReturnTo(JsonObject session) =>
        session.Text("success_url")?.Replace("{CHECKOUT_SESSION_ID}", session.Id(), StringComparison.Ordinal);

    private Verdict PayNow(JsonObject session, JsonObject method)
    {
        var intent = world.Store.Find("payment_intent", session.Text("_intent"));
        if (intent is null)
        {
            intent = world.PaymentIntents.New(
                session.Long("amount_total"), session.Text("currency")!,
                world.Store.Find("customer", session.Text("customer")), session.Child("_intent_metadata")?.Copy());
            intent["_session"] = session.Id();
            intent["description"] = session.Text("_intent_description")
                ?? (session.Text("mode") == "subscription" ? "Subscription creation" : null);
            intent["setup_future_usage"] = session.Text("mode") == "subscription" ? "off_session" : session.Text("_future");
            world.Add(intent, "payment_intent.created");
            session["_intent"] = intent.Id();
            session["payment_intent"] = session.Text("mode") == "payment" ? intent.Id() : null;
            world.Store.Put(session);
        }

        return world.PaymentIntents.Attempt(intent, method, Presence.Here);
    }

    private Verdict LeaveMethod(JsonObject session, JsonObject method)
    {
        if (session.Text("mode") == "payment")
        {
            Complete(session, method, null);
            return Verdict.Approved;
        }

        var intent = world.Store.Find("setup_intent", session.Text("_intent"));
        if (intent is null)
        {
            intent = world.SetupIntents.New(
                world.Store.Find("customer", session.Text("customer")), session.Child("_intent_metadata")?.Copy());
            intent["_session"] = session.Id();
            world.Add(intent, "setup_intent.created");
            session["_intent"] = intent.Id();
            session["setup_intent"] = session.Text("mode") == "setup" ? intent.Id() : null;
            world.Store.Put(session);
        }

        return world.SetupIntents.Attempt(intent, method, Presence.Here);
    }

    private void Subscribe(JsonObject session, JsonObject customer, JsonObject method, JsonObject? intent)
    {
        if (method.Text("customer") is null)
        {
            world.PaymentMethods.Attach(method, customer);
        }

        var wanted = session.Children("_line_items").Where(line => line.Child("price")!.Child("recurring") is not null)
            .Select(line => (line.Child("price")!, line.Long("quantity"))).ToList();
        var trial = session.LongOrNull("_trial_days") is { } days ? world.Now(customer) + (days * 24 * 3600) : (long?)null;
        var subscription = world.Subscriptions.New(customer, wanted, trial, session.Child("_subscription_metadata")?.Copy() ?? []);
        subscription["default_payment_method"] = method.Id();
        subscription["description"] = session.Text("_subscription_description");
        world.Subscriptions.BeginPaid(subscription, intent);
        session["subscription"] = subscription.Id();
        session["invoice"] = subscription.Text("latest_invoice");
    }

    private JsonObject InvoiceOf(JsonObject session, JsonObject customer, JsonObject? intent)
    {
        var lines = session.Children("_line_items")
            .Select(line => world.Invoices.Lines.Alone(
                line.Long("amount_total"), line.Child("price"), line.Long("quantity"), line.Text("description"),
                session.Text("currency")!))
            .ToList();
        var invoice = world.Invoices.New(customer, session.Text("currency")!, "manual", null, lines);
        invoice["metadata"] = session.Child("invoice_creation")?.Child("invoice_data")?.Child("metadata")?.Copy() ?? [];
        world.Add(invoice, "invoice.created");
        world.Invoices.MakeFinal(invoice, intent);
        if (intent is not null)
        {
            world.Invoices.Paid(invoice, intent);
        }

        return invoice;
    }

    private void CountForLink(JsonObject session)
    {
        if (world.Store.Find("payment_link", session.Text("payment_link")) is { } link)
        {
            world.PaymentLinks.Completed(link);
        }
    }

    private JsonObject Close(JsonObject session)
    {
        session.Remove("_due");
        if (world.Store.Find("payment_intent", session.Text("_intent")) is { } intent
            && intent.Text("status") is not ("succeeded" or "canceled"))
        {
            world.PaymentIntents.Cancel(intent, "abandoned");
        }

        return world.Change(session, "checkout.session.expired", value =>
        {
            value["status"] = "expired";
            value["url"] = null;
        });
    }

    private void CheckCombinations(Form form, string mode, JsonObject? customer)
    {
        if (customer is not null && form.Text("customer_email") is not null)
        {
            throw ApiException.Invalid("customer_email", "You may only specify one of these parameters: customer, customer_email.");
        }

        if (form.Text("customer_creation") is not null && (mode != "payment" && mode != "setup" || customer is not null))
        {
            throw ApiException.Invalid(
                "customer_creation", "`customer_creation` can only be used in `payment` and `setup` mode, without a `customer`.");
        }

        if (mode == "setup" && customer is null && form.Text("currency") is null)
        {
            throw ApiException.Required("currency");
        }

        if (form.Has("subscription_data") && mode != "subscription")
        {
            throw ApiException.Invalid("subscription_data", "You can not pass `subscription_data` in `" + mode + "` mode.");
        }

        if ((form.Has("payment_intent_data") || form.Has("invoice_creation")) && mode != "payment")
        {
            var name = form.Has("invoice_creation") ? "invoice_creation" : "payment_intent_data";
            throw ApiException.Invalid(name, $"You can not pass `{name}` in `{mode}` mode.");
        }
    }

    /// <summary>The line items a form asks for.</summary>
    public List<JsonObject> Lines(Form form, string mode)
    {
        var items = form.Children("line_items");
        if (items.Count == 0 && mode != "setup")
        {
            throw ApiException.Required("line_items");
        }

        var lines = items.Select(world.Catalogue.LineItem).ToList();
        var recurring = lines.Count(line => line.Child("price")!.Child("recurring") is not null);
        if (mode == "subscription" && recurring == 0)
        {
            throw ApiException.Invalid("line_items", "You must provide at least one recurring price in `subscription` mode.");
        }

        if (mode == "payment" && recurring > 0)
        {
            throw ApiException.Invalid(
                "line_items",
                "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode "
                    + "or use only one-time prices.");
        }

        return lines.Select(line => line.Text("currency")).Distinct().Count() <= 1
            ? lines
            : throw ApiException.Invalid("line_items", "The prices must all have the same currency.");
    }

    private long ExpiresAt(Form form, long now)
    {
        if (form.Whole("expires_at") is not { } at)
        {
            return now + (long)Limits.CheckoutOpenMax.TotalSeconds;
        }

        var (least, most) = (
            now + Limits.CheckoutOpenMin.TotalSeconds, now + (Limits.CheckoutOpenMax + Limits.ClockSlack).TotalSeconds);
        if (at >= least && at <= most)
        {
            return at;
        }

        throw ApiException.Invalid(
            "expires_at",
            at < least
                ? "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
                : "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.");
    }

    private JsonObject New(Form form, string mode, string uiMode, JsonObject? customer, List<JsonObject> lines, JsonObject metadata)
    {
        var session = world.New("cs_test_", Kind, customer);
        var expires = ExpiresAt(form, world.Now(customer));
        var trial = form.Child("subscription_data")?.Whole("trial_period_days");
        var amount = mode == "setup" ? (long?)null
            : lines.Sum(line =>
            trial is not null && line.Child("price")!.Child("recurring") is not null ? 0 : line.Long("amount_total"));
        foreach (var (member, value) in CheckoutMembers.Of(form, mode, uiMode, customer, amount, expires))
        {
            session[member] = value?.DeepClone();
        }

        session["currency"] = lines.FirstOrDefault()?.Text("currency") ?? form.Text("currency")?.ToLowerInvariant();
        session["metadata"] = metadata;
        session["url"] = uiMode == "hosted_page" ? $"{world.Address}/c/pay/{session.Id()}" : null;
        session["_due"] = expires;
        session["_line_items"] = new JsonArray([.. lines]);
        session["_trial_days"] = trial;
        session["_subscription_metadata"] = form.Child("subscription_data")?.Metadata() ?? [];
        session["_subscription_description"] = form.Child("subscription_data")?.Text("description");
        session["_intent_metadata"] = (form.Child("payment_intent_data") ?? form.Child("setup_intent_data"))?.Metadata() ?? [];
        session["_intent_description"] = form.Child("payment_intent_data")?.Text("description");
        session["_future"] = form.Child("payment_intent_data")?.Text("setup_future_usage");
        return session;
    }
}
