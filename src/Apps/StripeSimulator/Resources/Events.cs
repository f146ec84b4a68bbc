using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>News of everything that happens, kept and sent to the webhook endpoints.</summary>
internal sealed class Events(World world)
{
    private const string Kind = "event";

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject List(Call call)
    {
        var types = call.Form.Texts("types");
        return Lists.Page(
            call,
            world.Store.Newest(Kind).Where(news =>
                (call.Form.Text("type") is not { } type || Faults.FaultScript.Matches(type, news.Text("type")!))
                && (types.Count == 0 || types.Contains(news.Text("type")))
                && (call.Form.Flag("delivery_success") is not { } isDelivered
                    || isDelivered == (news.Long("pending_webhooks") == 0))),
            Kind);
    }

    /// <summary>Tells of an object as it is now.</summary>
    /// <param name="type">Such as <c>invoice.paid</c>.</param>
    /// <param name="value">The object.</param>
    /// <param name="before">As the world saw it before; null of a new one.</param>
    public void Emit(string type, JsonObject value, JsonObject? before = null)
    {
        var news = world.New("evt_", Kind, value);
        var shown = Json.Shown(value);
        var data = new JsonObject { ["object"] = shown };
        if (before is not null && type.EndsWith(".updated", StringComparison.Ordinal))
        {
            data["previous_attributes"] = Previous(before, shown);
        }

        news["api_version"] = Simulator.ApiVersion;
        news["data"] = data;
        news["request"] = new JsonObject { ["id"] = world.Request?.Id, ["idempotency_key"] = world.Request?.Key };
        news["type"] = type;
        news["pending_webhooks"] = world.Deliveries.Plan(news);
        world.Store.Put(news);
        world.Store.KeepNewest(Kind, Limits.EventsMax);
    }

    private static JsonObject Previous(JsonObject before, JsonObject after)
    {
        var changed = new JsonObject();
        foreach (var (name, value) in before)
        {
            if (!JsonNode.DeepEquals(value, after[name]))
            {
                changed[name] = value?.DeepClone();
            }
        }

        foreach (var (name, _) in after)
        {
            if (!before.ContainsKey(name))
            {
                changed[name] = null;
            }
        }

        return changed;
    }
}
