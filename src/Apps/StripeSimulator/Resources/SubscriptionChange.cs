using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>What an update does to a subscription's items, and what it comes to. Previewing and doing it share this.</summary>
internal sealed class SubscriptionChange
{
    private readonly List<(JsonObject? Old, JsonObject? Item)> items = [];

    private SubscriptionChange(long at) => At = at;

    /// <summary>The instant differences are counted from.</summary>
    public long At { get; }

    /// <summary>What is given back and charged; none when nothing changes or nobody wants it counted.</summary>
    public IReadOnlyList<JsonObject> Lines { get; private set; } = [];

    /// <summary>Whether the lines are invoiced at once, rather than with the next renewal.</summary>
    public bool IsInvoicedNow { get; private set; }

    /// <summary>Whether a new period begins now, because the interval is another.</summary>
    public bool BeginsPeriod { get; private set; }

    /// <summary>Whether money is asked for at once.</summary>
    public bool Charges => IsInvoicedNow && Lines.Sum(line => line.Long("amount")) > 0;

    /// <summary>Reads an update.</summary>
    /// <param name="world">All there is.</param>
    /// <param name="subscription">As it is.</param>
    /// <param name="form">With <c>items</c> and <c>proration_behavior</c>.</param>
    /// <param name="at">The instant differences are counted from; null is now.</param>
    public static SubscriptionChange Read(World world, JsonObject subscription, Form form, long? at)
    {
        var change = new SubscriptionChange(at ?? world.Now(subscription));
        var behavior = form.OneOf("proration_behavior", "always_invoice", "create_prorations", "none") ?? "create_prorations";
        foreach (var wanted in form.Children("items"))
        {
            change.items.Add(ReadItem(world, subscription, wanted, change.At));
        }

        var interval = IntervalOf(subscription.Data("items").First());
        change.BeginsPeriod = form.Text("billing_cycle_anchor") == "now" && subscription.Text("status") != "trialing"
            || change.items.Any(one => one.Item is not null && IntervalOf(one.Item) != interval);
        change.IsInvoicedNow = behavior == "always_invoice" || change.BeginsPeriod;
        if (subscription.Text("status") != "trialing" && (behavior != "none" || change.BeginsPeriod))
        {
            change.Lines = change.Count(world, subscription, behavior);
        }

        if (form.Flag("cancel_now") == true)
        {
            change.IsInvoicedNow = true;
            change.Lines =
            [
                .. subscription.Data("items")
                    .Select(item => world.Invoices.Lines.ForRest(subscription, item, change.At, isCredit: true)),
            ];
        }

        return change;
    }

    /// <summary>Puts the new items in the place of the old.</summary>
    public void Apply(JsonObject subscription)
    {
        var data = subscription.Child("items")!["data"]!.AsArray();
        foreach (var (old, item) in items)
        {
            var index = old is null ? -1 : data.ToList().FindIndex(one => ((JsonObject)one!).Id() == old.Id());
            if (index >= 0)
            {
                data.RemoveAt(index);
            }

            if (item is not null)
            {
                data.Insert(index < 0 ? data.Count : index, item.Copy());
            }
        }

        subscription.Child("items")!["total_count"] = data.Count;
        if (BeginsPeriod)
        {
            subscription["billing_cycle_anchor"] = At;
            Subscriptions.Advance(subscription, At);
        }
    }

    private static (JsonObject? Old, JsonObject? Item) ReadItem(World world, JsonObject subscription, Form wanted, long at)
    {
        var old = wanted.Text("id") is { } id
            ? subscription.Data("items").FirstOrDefault(one => one.Id() == id)
                ?? throw ApiException.MissingParameter("subscription_item", id, wanted.Path("id"))
            : null;
        if (wanted.Flag("deleted") == true)
        {
            return (old, null);
        }

        var price = wanted.Has("price") || wanted.Has("price_data")
            ? world.Catalogue.PriceOf(wanted)
            : old?.Child("price") ?? throw ApiException.Required(wanted.Path("price"));
        var first = subscription.Data("items").First();
        var item = old?.Copy() ?? SubscriptionMembers.Item(
            world, subscription.Id(), price, 1, first.Long("current_period_start"), first.Long("current_period_end"));
        SubscriptionMembers.SetPrice(item, price, wanted.Whole("quantity") ?? old?.LongOrNull("quantity") ?? 1);
        if (old is null)
        {
            item["created"] = at;
        }

        return (old, item);
    }

    private List<JsonObject> Count(World world, JsonObject subscription, string behavior)
    {
        var lines = new List<JsonObject>();
        var changed = items.Where(one => one.Old is null || one.Item is null || !SamePrice(one.Old, one.Item)).ToList();
        foreach (var (old, item) in changed)
        {
            if (old is not null && behavior != "none")
            {
                lines.Add(world.Invoices.Lines.ForRest(subscription, old, At, isCredit: true));
            }

            if (item is null)
            {
                continue;
            }

            if (BeginsPeriod)
            {
                var end = Intervals.End(item.Child("price")!, At, At);
                lines.Add(world.Invoices.Lines.ForPeriod(subscription, item, At, end, isTrial: false));
            }
            else if (behavior != "none")
            {
                lines.Add(world.Invoices.Lines.ForRest(subscription, item, At, isCredit: false));
            }
        }

        return lines;
    }

    private static bool SamePrice(JsonObject left, JsonObject right) =>
        left.Child("price")!.Id() == right.Child("price")!.Id() && left.LongOrNull("quantity") == right.LongOrNull("quantity");

    private static (string?, long) IntervalOf(JsonObject item)
    {
        var recurring = item.Child("price")!.Child("recurring");
        return (recurring?.Text("interval"), recurring?.Long("interval_count") ?? 0);
    }
}
