using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Cards;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Subscriptions: begun, paid each period, changed, paused, ended.</summary>
internal sealed partial class Subscriptions(World world)
{
    private const string Kind = "subscription";
    private const long Day = 24 * 3600;
    private const long IncompleteSeconds = 23 * 3600;

    private static readonly string[] Ended = ["canceled", "incomplete_expired"];

    public JsonObject Create(Call call)
    {
        var form = call.Form;
        form.Required("customer");
        var customer = world.Named(form, "customer", "customer")!;
        var items = form.Children("items");
        if (items.Count == 0)
        {
            throw ApiException.Required("items");
        }

        var wanted = items.Select(
            item => (Price: Recurring(world.Catalogue.PriceOf(item), item), Quantity: item.Whole("quantity") ?? 1)).ToList();
        var trialEnd = TrialEnd(form, customer);
        var subscription = New(customer, wanted, trialEnd, form.Metadata());
        subscription["default_payment_method"] = world.PaymentMethods.Named(form, "default_payment_method")?.Id();
        subscription["cancel_at_period_end"] = form.Flag("cancel_at_period_end") ?? false;
        subscription["cancel_at"] = form.Whole("cancel_at");
        subscription["description"] = form.Text("description");
        subscription["_save"] = form.Child("payment_settings")?.Text("save_default_payment_method");
        return Begin(subscription, form.Text("payment_behavior") ?? "allow_incomplete");
    }

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject List(Call call)
    {
        var form = call.Form;
        var status = form.Text("status");
        return Lists.Page(
            call,
            world.Store.Newest(Kind)
                .Where(subscription => subscription.Fits(form, "customer") && subscription.Fits(form, "test_clock")
                && status switch
                {
                    null => subscription.Text("status") != "canceled",
                    "all" => true,
                    "ended" => Ended.Contains(subscription.Text("status")),
                    _ => subscription.Text("status") == status,
                }
                && (form.Text("price") is not { } price || subscription.Data("items")
                    .Any(item => item.Child("price")!.Id() == price))),
            Kind);
    }

    public JsonObject Update(Call call)
    {
        var subscription = Living(call.Id);
        var form = call.Form;
        var change = SubscriptionChange.Read(world, subscription, form, form.Whole("proration_date"));
        if (change.Charges && form.Text("payment_behavior") == "error_if_incomplete")
        {
            ExpectPayable(subscription);
        }

        world.Change(subscription, "customer.subscription.updated", value => Apply(value, form, change));
        if (change.Lines.Count > 0)
        {
            Charge(subscription, change);
        }

        if (form.Text("trial_end") == "now" && subscription.Text("status") == "trialing")
        {
            Renew(subscription, world.Now(subscription));
        }

        Schedule(subscription);
        return subscription;
    }

    public JsonObject Cancel(Call call)
    {
        var subscription = Living(call.Id);
        if (call.Form.Child("cancellation_details") is { } details)
        {
            subscription.Child("cancellation_details")!["comment"] = details.Text("comment");
            subscription.Child("cancellation_details")!["feedback"] = details.Text("feedback");
        }

        if (call.Form.Flag("prorate") == true)
        {
            var customer = world.Get("customer", subscription.Text("customer")!);
            var now = world.Now(subscription);
            var credit = subscription.Data("items")
                .Select(item => world.Invoices.Lines.ForRest(subscription, item, now, isCredit: true));
            var invoice = world.Invoices.New(
                customer, subscription.Text("currency")!, "subscription_update", subscription, [.. credit]);
            world.Invoices.MakeFinal(world.Add(invoice, "invoice.created"));
        }

        return EndNow(subscription, "cancellation_requested");
    }

    public JsonObject Resume(Call call)
    {
        var subscription = Living(call.Id);
        return subscription.Text("status") == "paused"
            ? world.Change(subscription, "customer.subscription.resumed", value => value["status"] = "active")
            : throw ApiException.State("subscription_not_paused", "Only subscriptions that are paused can be resumed.");
    }

    public JsonObject Items(Call call)
    {
        var subscription = world.Named(call.Form, Kind, Kind) ?? throw ApiException.Required(Kind);
        return Lists.Page(call, subscription.Data("items"), "subscription_item");
    }

    public JsonObject Item(Call call) =>
        world.Store.All(Kind).SelectMany(one => one.Data("items")).FirstOrDefault(item => item.Id() == call.Id)
        ?? throw ApiException.Missing("subscription_item", call.Id);

    /// <summary>What an update would be invoiced, or the next renewal; nothing changes.</summary>
    public JsonObject Preview(Call call)
    {
        var form = call.Form;
        var subscription = world.Named(form, Kind, Kind);
        var customer = world.Named(form, "customer", "customer")
            ?? world.Store.Find("customer", subscription?.Text("customer")) ?? throw ApiException.Required("customer");
        var details = form.Child("subscription_details") ?? Form.Empty;
        if (subscription is null)
        {
            var items = details.Children("items")
                .Select(item => (Recurring(world.Catalogue.PriceOf(item), item), item.Whole("quantity") ?? 1)).ToList();
            subscription = New(customer, items, TrialEnd(details, customer), []);
            return Previewed(customer, subscription, PeriodLines(subscription), "subscription_create");
        }

        var copy = subscription.Copy();
        var change = SubscriptionChange.Read(world, copy, details, details.Whole("proration_date"));
        var lines = change.Lines.ToList();
        if (!change.IsInvoicedNow && details.Flag("cancel_now") != true)
        {
            change.Apply(copy);
            var end = PeriodEnd(copy);
            Advance(copy, end);
            lines.AddRange(PeriodLines(copy));
        }

        var reason = change.IsInvoicedNow ? "subscription_update" : "upcoming";
        var invoice = Previewed(customer, subscription, lines, reason);
        invoice.Child("parent")!.Child("subscription_details")!["subscription_proration_date"] = change.At;
        return invoice;
    }

    /// <summary>A subscription of which nobody knows yet.</summary>
    public JsonObject New(
        JsonObject customer, IReadOnlyList<(JsonObject Price, long Quantity)> wanted, long? trialEnd, JsonObject metadata)
    {
        var subscription = world.New("sub_", Kind, customer);
        var now = world.Now(customer);
        var price = wanted[0].Price;
        foreach (var (member, value) in SubscriptionMembers.Of(customer, price.Text("currency")!, trialEnd, metadata, now))
        {
            subscription[member] = value?.DeepClone();
        }

        var end = trialEnd ?? Intervals.End(price, now, now);
        var items = wanted.Select(
            one => SubscriptionMembers.Item(world, subscription.Id(), one.Price, one.Quantity, now, end)).ToList();
        subscription["items"] = Json.List($"/v1/subscription_items?subscription={subscription.Id()}", items);
        subscription["items"]!["total_count"] = items.Count;
        return subscription;
    }

    private JsonObject Begin(JsonObject subscription, string behavior)
    {
        var isTrial = subscription.LongOrNull("trial_end") is not null;
        var customer = world.Get("customer", subscription.Text("customer")!);
        if (behavior == "error_if_incomplete" && !isTrial)
        {
            ExpectPayable(subscription);
        }

        var invoice = world.Invoices.New(
            customer, subscription.Text("currency")!, "subscription_create", subscription, PeriodLines(subscription));
        subscription["status"] = isTrial ? "trialing" : "incomplete";
        subscription["latest_invoice"] = invoice.Id();
        if (!isTrial)
        {
            subscription["_incomplete_until"] = world.Now(subscription) + IncompleteSeconds;
        }

        Schedule(subscription);
        world.Add(subscription, "customer.subscription.created");
        world.Add(invoice, "invoice.created");
        world.Invoices.MakeFinal(invoice);
        if (behavior != "default_incomplete")
        {
            world.Invoices.Collect(invoice, world.Invoices.MethodOf(invoice), Presence.Away);
        }

        return subscription;
    }

    private void Apply(JsonObject subscription, Form form, SubscriptionChange change)
    {
        change.Apply(subscription);
        subscription["metadata"] = form.Metadata(subscription.Child("metadata"));
        if (world.PaymentMethods.Named(form, "default_payment_method") is { } method)
        {
            subscription["default_payment_method"] = method.Id();
        }

        if (form.Flag("cancel_at_period_end") is { } ends)
        {
            SetEnd(subscription, ends);
        }
        else if (form.Has("cancel_at"))
        {
            subscription["cancel_at"] = form.Whole("cancel_at");
        }

        if (form.Has("pause_collection"))
        {
            subscription["pause_collection"] = form.Child("pause_collection") is not { } pause ? null : new JsonObject
            {
                ["behavior"] = pause.OneOf("behavior", "keep_as_draft", "mark_uncollectible", "void")
                    ?? throw ApiException.Required("pause_collection[behavior]"),
                ["resumes_at"] = pause.Whole("resumes_at"),
            };
        }

        if (form.Whole("days_until_due") is { } days)
        {
            subscription["days_until_due"] = days;
        }
    }

    private void SetEnd(JsonObject subscription, bool ends)
    {
        subscription["cancel_at_period_end"] = ends;
        subscription["cancel_at"] = ends ? PeriodEnd(subscription) : null;
        subscription["canceled_at"] = ends ? world.Now(subscription) : null;
        subscription.Child("cancellation_details")!["reason"] = ends ? "cancellation_requested" : null;
    }

    private void Charge(JsonObject subscription, SubscriptionChange change)
    {
        if (!change.IsInvoicedNow)
        {
            var pending = subscription["_pending"] as JsonArray ?? [];
            subscription["_pending"] = new JsonArray([.. pending.Select(line => line?.DeepClone()), .. change.Lines]);
            world.Store.Put(subscription);
            return;
        }

        var customer = world.Get("customer", subscription.Text("customer")!);
        var invoice = world.Invoices.New(
            customer, subscription.Text("currency")!, "subscription_update", subscription, change.Lines);
        world.Change(subscription, null, value => value["latest_invoice"] = invoice.Id());
        world.Add(invoice, "invoice.created");
        world.Invoices.MakeFinal(invoice);
        world.Invoices.Collect(invoice, world.Invoices.MethodOf(invoice), Presence.Away);
    }

    private List<JsonObject> PeriodLines(JsonObject subscription)
    {
        var isTrial = subscription.LongOrNull("trial_end") > subscription.Data("items").First().Long("current_period_start");
        return
        [
            .. subscription.Data("items").Select(item => world.Invoices.Lines.ForPeriod(
                subscription, item, item.Long("current_period_start"), item.Long("current_period_end"), isTrial)),
        ];
    }

    private JsonObject Previewed(JsonObject customer, JsonObject subscription, IReadOnlyList<JsonObject> lines, string reason)
    {
        var invoice = world.Invoices.New(customer, subscription.Text("currency")!, reason, subscription, lines);
        invoice["id"] = "upcoming_" + invoice.Id();
        return invoice;
    }

    private void ExpectPayable(JsonObject subscription)
    {
        var customer = world.Get("customer", subscription.Text("customer")!);
        var method = world.Store.Find(
            "payment_method",
            subscription.Text("default_payment_method") ?? customer.Child("invoice_settings")?.Text("default_payment_method"))
            ?? throw ApiException.State(
                "resource_missing", "This customer has no attached payment source or default payment method.");
        var card = PaymentMethods.CardOf(method);
        switch (Bank.Decide(card, Presence.Away, method.Flag("_confirmed")))
        {
            case Verdict.Declined:
                throw PaymentMethods.Declined(card, null);
            case Verdict.PayerAway or Verdict.NeedsPayer:
                throw new ApiException(
                    402, "card_error", "This payment requires additional user action before it can be completed successfully.")
                {
                    Code = "subscription_payment_intent_requires_action",
                };
        }
    }

    private long? TrialEnd(Form form, JsonObject customer) => form.Text("trial_end") switch
    {
        "now" => null,
        { } => form.Whole("trial_end"),
        null => form.Whole("trial_period_days") is { } days and > 0 ? world.Now(customer) + (days * Day) : null,
    };

    private JsonObject Living(string id)
    {
        var subscription = world.Get(Kind, id);
        return Ended.Contains(subscription.Text("status")) ? throw ApiException.Missing(Kind, id) : subscription;
    }

    private static JsonObject Recurring(JsonObject price, Form item) => price.Text("type") == "recurring"
        ? price
        : throw ApiException.Invalid(
            item.Path("price"),
            $"The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.");
}
