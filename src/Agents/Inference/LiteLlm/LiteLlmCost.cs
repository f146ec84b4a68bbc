using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// <c>POST /spend/calculate</c>: what a call would cost that is not made, by the prices of the caller's account; of an answer
/// what it says it used, of messages their input alone.
/// </summary>
internal sealed class LiteLlmCost(
    PrepareCall calls, CallPrices prices, Organisations organisations, OrganisationClock clock, IdSource ids, TimeProvider time)
{
    /// <summary>The endpoint.</summary>
    public static async Task<IResult> Endpoint(
        JsonElement body, LiteLlmCost handler, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Json(
            new JsonObject { ["cost"] = await handler.Cost(body, context, cancellationToken) }, JsonSerializerOptions.Default);

    private async Task<decimal> Cost(JsonElement body, HttpContext context, CancellationToken cancellationToken)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw JsonMembers.Wrong("The body must be a JSON object.");
        }

        var answer = body.Object("completion_response");
        var model = body.Text("model") ?? answer?.Text("model") ?? throw JsonMembers.Wrong("'model' is missing.");
        var caller = context.Caller();
        var candidates = await calls.Candidates(
            caller, model, Protocol.OpenAiChat, context.Request.Headers, cancellationToken);
        var answered = candidates.All[0].Deployment.Name;
        var call = new ModelCall(
            ids.Next<CallId>(),
            caller.RequiredOrg,
            caller.BillingAccount ?? await DefaultAccount(caller.RequiredOrg, cancellationToken),
            caller.Actor,
            Protocol.OpenAiChat,
            model,
            candidates.Names,
            IsStream: false,
            time.GetUtcNow());
        var usage = answer is { } given ? UsageOf(given) : UsageOf(body, answered);
        var at = await clock.Now(call.Org, cancellationToken);
        var priced = await prices.Price(call, null, answered, usage, at, cancellationToken)
            ?? throw new InvalidOperationException($"{call.Org} has no account {call.BillingAccount}.");
        return priced.Unpriced.Count == 0
            ? Dollars.Of(CallPrices.Whole(priced.Quote.CustomerMicros))
            : throw new RefusedRequestException(
                InferenceProblems.ModelNotPriced, $"Nothing prices {string.Join(", ", priced.Unpriced)} of {model}.");
    }

    private static ModelUsage UsageOf(JsonElement answer) =>
        UsageRules.Find(Protocol.OpenAiChat, Encoding.UTF8.GetBytes(answer.GetRawText()))
        ?? throw JsonMembers.Wrong("'completion_response' does not say its 'usage'.");

    private static ModelUsage UsageOf(JsonElement body, ProviderModel answered)
    {
        if (body.Member("messages") is not { ValueKind: JsonValueKind.Array } messages)
        {
            throw JsonMembers.Wrong("'messages' or 'completion_response' is missing.");
        }

        var asked = Encoding.UTF8.GetBytes(new JsonObject { ["messages"] = JsonArray.Create(messages) }.ToJsonString());
        var tokens = TokenCounter.Of(answered.Model) is { } counter
            ? CountedUsage.InputTokens(asked, counter)
            : Estimate.Tokens(StreamMeter.TextBytes(asked));
        return new ModelUsage { InputTokens = tokens, Requests = 1, IsEstimated = true };
    }

    private async ValueTask<BillingAccountId> DefaultAccount(OrgId org, CancellationToken cancellationToken) =>
        (await organisations.Find(org, cancellationToken))?.DefaultBillingAccount.Id
        ?? throw new InvalidOperationException($"{org} was let in and does not exist.");
}
