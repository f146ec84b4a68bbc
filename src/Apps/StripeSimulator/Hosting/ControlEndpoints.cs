using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Hosting;

/// <summary>What Stripe does not have: faults, the clock, a look at all there is. JSON in and out.</summary>
internal sealed class ControlEndpoints(World world, ApiServer api)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        WriteIndented = true,
    };

    /// <summary>Maps them all.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/_simulator/state", (HttpContext context) => Write(context, State()));
        app.MapGet("/_simulator/calls", (HttpContext context) =>
            Write(context, JsonSerializer.SerializeToNode(api.Calls, Options)));
        app.MapGet("/_simulator/faults", (HttpContext context) => Write(context, Faults()));
        app.MapPost("/_simulator/faults", (HttpContext context) => Act(context, AddFault));
        app.MapDelete("/_simulator/faults", (HttpContext context) => Act(context, _ => world.Faults.Clear()));
        app.MapPost("/_simulator/reset", (HttpContext context) => Act(context, _ => world.Reset()));
        app.MapGet("/_simulator/clock", (HttpContext context) => Write(context, Clock()));
        app.MapPost("/_simulator/clock", (HttpContext context) => Act(context, Advance));
        app.MapPost("/_simulator/payouts", (HttpContext context) => Act(context, _ => world.Payouts.PayAll()));
        app.MapPost("/_simulator/payouts/{id}/fail", (HttpContext context, string id) => Act(
            context, _ => world.Payouts.End(world.Get("payout", id), "failed")));
        app.MapPost("/_simulator/disputes/{id}/{outcome}", (HttpContext context, string id, string outcome) => Act(
            context, _ => world.Disputes.Close(world.Get("dispute", id), outcome == "won" ? "won" : "lost")));
        app.MapPost("/_simulator/events/{id}/resend", (HttpContext context, string id) => Act(
            context, _ => world.Deliveries.Resend(world.Get("event", id))));
        app.MapPost("/_simulator/webhook_endpoints", (HttpContext context) => Act(context, Register));
        app.MapPost("/_simulator/webhook_endpoints/{id}/roll", (HttpContext context, string id) => Act(
            context, _ => world.Endpoints.Roll(id)));
    }

    private async Task Act(HttpContext context, Action<JsonObject> act)
    {
        try
        {
            // A page of another site can post a form here, but no JSON.
            var body = context.Request.HasJsonContentType()
                ? await context.Request.ReadFromJsonAsync<JsonObject>(context.RequestAborted) ?? []
                : [];
            if (context.Request.ContentType is not null && !context.Request.HasJsonContentType())
            {
                context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
                return;
            }

            world.Do(() => act(body));
        }
        catch (Exception refusal) when (refusal is ApiException or JsonException or InvalidOperationException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await Write(context, new JsonObject { ["error"] = refusal.Message });
            return;
        }

        world.Deliveries.WakeAnyway();
        await Write(context, new JsonObject { ["done"] = true });
    }

    private void AddFault(JsonObject body)
    {
        if (body.ContainsKey("webhook"))
        {
            var kind = Kind<WebhookFaultKind>(body, "webhook");
            world.Faults.Add(new WebhookFault(kind, body.Text("type") ?? "*", (int)(body.LongOrNull("times") ?? 1))
            {
                Copies = (int)(body.LongOrNull("copies") ?? 1),
                Delay = TimeSpan.FromMilliseconds(body.LongOrNull("delay_ms") ?? 5_000),
            });
            return;
        }

        world.Faults.Add(
            new Fault(Kind<FaultKind>(body, "kind"), body.Text("method") ?? "*", body.Text("path") ?? "*",
            (int)(body.LongOrNull("times") ?? 1))
            {
                After = (int)body.Long("after"),
                Delay = TimeSpan.FromMilliseconds(body.LongOrNull("delay_ms") ?? 1_000),
                RetryAfter = (int)(body.LongOrNull("retry_after") ?? 1),
                IsKept = !body.ContainsKey("is_kept") || body.Flag("is_kept"),
            });
    }

    private static TKind Kind<TKind>(JsonObject body, string name)
        where TKind : struct, Enum => body[name].Deserialize<TKind>(Options);

    private void Advance(JsonObject body)
    {
        if (body.LongOrNull("advance_seconds") is { } seconds)
        {
            world.Advance(TimeSpan.FromSeconds(seconds));
        }
        else if (body.LongOrNull("now") is { } now)
        {
            world.Advance(TimeSpan.FromSeconds(now - world.Clocks.Target));
        }
        else
        {
            throw new InvalidOperationException("Say advance_seconds or now.");
        }
    }

    private void Register(JsonObject body)
    {
        var url = body.Text("url") ?? throw new InvalidOperationException("Say url.");
        var secret = body.Text("secret") ?? world.Ids.New("whsec_");
        if (body.Text("group") is { } group)
        {
            world.Endpoints.Share(group, url, secret, body.Flag("is_gone"));
            return;
        }

        string[] events = body["enabled_events"] is JsonArray wanted ? [.. wanted.Select(one => one!.GetValue<string>())] : ["*"];
        world.Endpoints.Register(url, secret, events);
    }

    private JsonObject Clock() => world.Do(() => new JsonObject
    {
        ["now"] = world.Clocks.Target,
        ["ahead_seconds"] = (long)world.Clocks.Ahead.TotalSeconds,
    });

    private JsonObject Faults() => world.Do(() => new JsonObject
    {
        ["calls"] = JsonSerializer.SerializeToNode(world.Faults.Calls.Select(one => new { one.Fault, one.Left }), Options),
        ["webhooks"] = JsonSerializer.SerializeToNode(world.Faults.Webhooks.Select(one => new { one.Fault, one.Left }), Options),
    });

    private JsonObject State() => world.Do(() => new JsonObject
    {
        ["now"] = world.Clocks.Target,
        ["objects"] = new JsonObject(world.Store.Counts().Select(one => KeyValuePair.Create(one.Kind, (JsonNode?)one.Count))),
        ["deliveries"] = new JsonArray([.. world.Deliveries.Waiting()]),
        ["endpoints"] = new JsonArray([.. world.Store.All("webhook_endpoint").Select(Json.Shown)]),
    });

    private static async Task Write(HttpContext context, JsonNode? node)
    {
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(node?.ToJsonString(Options) ?? "null", context.RequestAborted);
    }
}
