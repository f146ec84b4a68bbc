using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Cards;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <content>What time and payments make of a subscription.</content>
internal sealed partial class Subscriptions
{
    /// <summary>Begins a subscription whose first payment was made on a checkout, or is not due yet.</summary>
    public JsonObject BeginPaid(JsonObject subscription, JsonObject? intent)
    {
        subscription["status"] = subscription.LongOrNull("trial_end") is null ? "active" : "trialing";
        var customer = world.Get("customer", subscription.Text("customer")!);
        var invoice = world.Invoices.New(
            customer, subscription.Text("currency")!, "subscription_create", subscription, PeriodLines(subscription));
        subscription["latest_invoice"] = invoice.Id();
        Schedule(subscription);
        world.Add(subscription, "customer.subscription.created");
        world.Add(invoice, "invoice.created");
        world.Invoices.MakeFinal(invoice, intent);
        if (intent is not null)
        {
            world.Invoices.Paid(invoice, intent);
        }

        return subscription;
    }

    /// <summary>Ends a subscription at once.</summary>
    public JsonObject EndNow(JsonObject subscription, string reason)
    {
        if (Ended.Contains(subscription.Text("status")))
        {
            return subscription;
        }

        subscription.Remove("_due");
        var now = world.Now(subscription);
        foreach (var invoice in world.Store.All("invoice")
            .Where(one => one.LongOrNull("_due") is not null && Invoices.SubscriptionOf(one) == subscription.Id()).ToList())
        {
            invoice.Remove("_due");
            invoice["next_payment_attempt"] = null;
            world.Store.Put(invoice);
        }

        return world.Change(subscription, "customer.subscription.deleted", value =>
        {
            value["status"] = "canceled";
            value["canceled_at"] = value.LongOrNull("canceled_at") ?? now;
            value["ended_at"] = now;
            value.Child("cancellation_details")!["reason"] ??= reason;
        });
    }

    /// <summary>Lets a subscription end with its paid period, or go on after all.</summary>
    public void EndWithPeriod(JsonObject subscription, bool ends)
    {
        world.Change(subscription, "customer.subscription.updated", value => SetEnd(value, ends));
        Schedule(subscription);
    }

    /// <summary>An invoice of it was paid.</summary>
    public void InvoicePaid(JsonObject subscription, JsonObject invoice)
    {
        if (subscription.Text("status") is not ("incomplete" or "past_due" or "unpaid"))
        {
            return;
        }

        subscription.Remove("_incomplete_until");
        if (subscription.Text("_save") == "on_subscription"
            && world.Invoices.IntentOf(invoice)?.Text("payment_method") is { } method)
        {
            subscription["default_payment_method"] = method;
        }

        world.Change(subscription, "customer.subscription.updated", value => value["status"] = "active");
        Schedule(subscription);
    }

    /// <summary>An invoice of it could not be paid.</summary>
    public void InvoiceFailed(JsonObject subscription, bool isLast)
    {
        if (isLast)
        {
            EndNow(subscription, "payment_failed");
        }
        else if (subscription.Text("status") is "active" or "trialing")
        {
            world.Change(subscription, "customer.subscription.updated", value => value["status"] = "past_due");
        }
    }

    /// <summary>Its next instant has come: an end, a trial's last days, a renewal.</summary>
    public void RunDue(JsonObject subscription)
    {
        var now = world.Now(subscription);
        if (subscription.LongOrNull("_incomplete_until") <= now)
        {
            subscription.Remove("_due");
            subscription.Remove("_incomplete_until");
            world.Change(subscription, "customer.subscription.updated", value =>
            {
                value["status"] = "incomplete_expired";
                value["ended_at"] = now;
            });
            if (world.Store.Find("invoice", subscription.Text("latest_invoice")) is { } invoice && invoice.Text("status") == "open")
            {
                world.Invoices.MakeVoid(invoice);
            }

            return;
        }

        if (subscription.LongOrNull("cancel_at") <= now)
        {
            EndNow(subscription, "cancellation_requested");
            return;
        }

        if (subscription.Child("pause_collection")?.LongOrNull("resumes_at") <= now)
        {
            world.Change(subscription, "customer.subscription.updated", value => value["pause_collection"] = null);
        }

        if (TrialWarning(subscription) <= now)
        {
            subscription["_warned"] = true;
            world.Add(subscription, "customer.subscription.trial_will_end");
        }

        if (PeriodEnd(subscription) <= now)
        {
            Renew(subscription, now);
        }

        Schedule(subscription);
    }

    /// <summary>The end of the paid period.</summary>
    public static long PeriodEnd(JsonObject subscription) => subscription.Data("items").First().Long("current_period_end");

    /// <summary>Moves the items' period on.</summary>
    public static void Advance(JsonObject subscription, long start)
    {
        foreach (var item in subscription.Data("items"))
        {
            item["current_period_start"] = start;
            item["current_period_end"] = Intervals.End(item.Child("price")!, subscription.Long("billing_cycle_anchor"), start);
        }
    }

    private void Renew(JsonObject subscription, long now)
    {
        if (subscription.Flag("cancel_at_period_end"))
        {
            EndNow(subscription, "cancellation_requested");
            return;
        }

        var wasTrial = subscription.Text("status") == "trialing";
        world.Change(subscription, null, value =>
        {
            if (wasTrial)
            {
                value["billing_cycle_anchor"] = now;
                value["trial_end"] = Math.Min(now, value.Long("trial_end"));
            }

            Advance(value, now);
        });
        var customer = world.Get("customer", subscription.Text("customer")!);
        var lines = subscription.Children("_pending").Select(line => line.Copy()).Concat(PeriodLines(subscription)).ToList();
        subscription["_pending"] = new JsonArray();
        var invoice = world.Invoices.New(customer, subscription.Text("currency")!, "subscription_cycle", subscription, lines);
        world.Add(invoice, "invoice.created");
        world.Change(subscription, "customer.subscription.updated", value =>
        {
            value["latest_invoice"] = invoice.Id();
            value["status"] = wasTrial ? "active" : value.Text("status");
        });
        CollectRenewal(subscription, invoice);
    }

    private void CollectRenewal(JsonObject subscription, JsonObject invoice)
    {
        switch (subscription.Child("pause_collection")?.Text("behavior"))
        {
            case "keep_as_draft":
                return;
            case "void":
                world.Invoices.MakeVoid(world.Invoices.MakeFinal(invoice));
                return;
            case "mark_uncollectible":
                world.Invoices.MarkUncollectible(world.Invoices.MakeFinal(invoice));
                return;
            default:
                world.Invoices.MakeFinal(invoice);
                world.Invoices.Collect(invoice, world.Invoices.MethodOf(invoice), Presence.Away);
                return;
        }
    }

    private void Schedule(JsonObject subscription)
    {
        if (Ended.Contains(subscription.Text("status")))
        {
            return;
        }

        long?[] instants =
        [
            subscription.LongOrNull("_incomplete_until"), subscription.LongOrNull("cancel_at"),
            subscription.Child("pause_collection")?.LongOrNull("resumes_at"), TrialWarning(subscription), PeriodEnd(subscription),
        ];
        subscription["_due"] = instants.Min();
        world.Store.Put(subscription);
    }

    private static long? TrialWarning(JsonObject subscription) =>
        subscription.Text("status") == "trialing" && !subscription.Flag("_warned")
            ? subscription.Long("trial_end") - (3 * Day) : null;
}
