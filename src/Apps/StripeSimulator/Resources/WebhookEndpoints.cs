using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Who is told of events, and with which secret.</summary>
internal sealed class WebhookEndpoints(World world)
{
    private const string Kind = "webhook_endpoint";

    // Hosts of one demonstration; those that ended without a word go first.
    private const int SharersMax = 8;

    public JsonObject Create(Call call)
    {
        var form = call.Form;
        var events = form.Texts("enabled_events");
        if (events.Count == 0)
        {
            throw ApiException.Required("enabled_events");
        }

        var endpoint = Register(form.Required("url"), world.Ids.New("whsec_"), events);
        endpoint["description"] = form.Text("description");
        endpoint["metadata"] = form.Metadata();
        world.Store.Put(endpoint);
        var answer = endpoint.Copy();
        answer["secret"] = endpoint.Children("_secrets").First().Text("value");
        return answer;
    }

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject List(Call call) => Lists.Page(call, world.Store.Newest(Kind), Kind);

    public JsonObject Update(Call call)
    {
        var endpoint = world.Get(Kind, call.Id);
        endpoint["url"] = call.Form.Text("url") ?? endpoint.Text("url");
        endpoint["status"] = call.Form.Flag(
            "disabled") switch
        { true => "disabled", false => "enabled", null => endpoint.Text("status") };
        endpoint["description"] = call.Form.Text("description") ?? endpoint.Text("description");
        endpoint["metadata"] = call.Form.Metadata(endpoint.Child("metadata"));
        if (call.Form.Texts("enabled_events") is { Count: > 0 } events)
        {
            endpoint["enabled_events"] = Json.Array(events);
        }

        world.Store.Put(endpoint);
        return endpoint;
    }

    public JsonObject Delete(Call call)
    {
        var endpoint = world.Get(Kind, call.Id);
        world.Store.Remove(endpoint.Id());
        return new JsonObject { ["id"] = endpoint.Id(), ["object"] = Kind, ["deleted"] = true };
    }

    /// <summary>Adds an endpoint with a given secret; one with the same address is told anew.</summary>
    public JsonObject Register(string url, string secret, IReadOnlyList<string> events)
    {
        var endpoint = world.Store.All(Kind).FirstOrDefault(one => one.Text("url") == url) ?? world.New("we_", Kind);
        endpoint["api_version"] = null;
        endpoint["application"] = null;
        endpoint["description"] = null;
        endpoint["enabled_events"] = Json.Array(events);
        endpoint["metadata"] = new JsonObject();
        endpoint["status"] = "enabled";
        endpoint["url"] = url;
        endpoint["_secrets"] = new JsonArray(new JsonObject { ["value"] = secret });
        world.Store.Put(endpoint);
        return endpoint;
    }

    /// <summary>Adds an address to, or takes it from, an endpoint that several hosts share: each event goes to one of them.</summary>
    public void Share(string group, string url, string secret, bool isGone)
    {
        var endpoint = world.Store.All(Kind).FirstOrDefault(one => one.Text("_group") == group) ?? Register(url, secret, ["*"]);
        var others = endpoint["_urls"] is JsonArray urls ? urls.Select(one => one!.GetValue<string>()).Where(one => one != url) : [];
        var all = (isGone ? others : others.Prepend(url)).Take(SharersMax).ToList();
        endpoint["_group"] = group;
        endpoint["_urls"] = Json.Array(all);
        endpoint["url"] = all.FirstOrDefault() ?? url;
        world.Store.Put(endpoint);
    }

    /// <summary>Where an endpoint's events go, the first that answers first.</summary>
    public static IReadOnlyList<string> AddressesOf(JsonObject endpoint) =>
        endpoint["_urls"] is JsonArray { Count: > 0 } urls ? [.. urls.Select(one => one!.GetValue<string>())] : [endpoint.Text("url")!];

    /// <summary>Gives an endpoint a new secret; for some time both sign, as while an operator rolls it.</summary>
    public string Roll(string id)
    {
        var endpoint = world.Get(Kind, id);
        var secret = world.Ids.New("whsec_");
        var secrets = endpoint["_secrets"]!.AsArray();
        secrets.Insert(0, new JsonObject { ["value"] = secret });
        while (secrets.Count > 2)
        {
            secrets.RemoveAt(2);
        }

        world.Store.Put(endpoint);
        return secret;
    }
}
