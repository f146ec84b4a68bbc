using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quoin.Inference.Internal;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>The table of contents of inference: one door in front of all providers of models.</summary>
public static partial class InferenceModule
{
    private const string Sdk = "The body and the answer are those of the vendor's API; members nobody knows here "
        + "go through. What goes wrong is said in that API's own shape, with the code as its type or code.";

    /// <summary>Adds the gateway to the host. Needs Platform, Accounts, Metering and Limits.</summary>
    public static IServiceCollection AddInference(this IServiceCollection services)
    {
        services.TryAddSingleton(new InferenceOptions());
        AddMoney(services);
        AddRouting(services);
        AddLiteLlm(services);
        AddSpendSources(services);
        AddContent(services);
        services.AddSingleton<PrepareCall>();
        services.AddSingleton<Dispatch>();
        services.AddSingleton<CallModel>();
        services.AddSingleton<CountTokens>();
        services.AddSingleton<ConfigureProviders>();
        services.AddSingleton<ConfigureModels>();
        services.AddSingleton<RunningCalls>();
        services.AddHostedService(provider => provider.GetRequiredService<RunningCalls>());
        AddDoors(services);
        return services;
    }

    /// <summary>Adds the endpoints of the gateway.</summary>
    public static IEndpointRouteBuilder MapInference(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1").WithTags("Inference");
        MapOpenAi(api);
        MapAnthropic(api);
        MapConfiguration(api);
        MapRouting(api);
        MapMoney(routes);
        MapLiteLlm(routes);
        MapSpendSources(api);
        MapContent(routes);
        routes.MapMethods("/", [HttpMethods.Head], GatewayEndpoints.Head).AllowsAnyone().ExcludeFromDescription();
        return routes;
    }

    private static void MapOpenAi(RouteGroupBuilder api)
    {
        MapCall(api, "/chat/completions", GatewayEndpoints.Chat, new OpenAiErrors())
            .WithName("createChatCompletion")
            .WithSummary("Call a model as OpenAI's chat completions do")
            .ShowsBody("""{"model":"demo-echo","messages":[{"role":"user","content":"Hello"}]}""");
        MapCall(api, "/responses", GatewayEndpoints.Responses, new OpenAiErrors())
            .WithName("createResponse")
            .WithSummary("Call a model as OpenAI's responses do")
            .ShowsBody("""{"model":"demo-echo","input":"Hello"}""");
        MapCall(api, "/completions", GatewayEndpoints.Completions, new OpenAiErrors())
            .WithName("createCompletion")
            .WithSummary("Call a model as OpenAI's older completions do")
            .ShowsBody("""{"model":"demo-echo","prompt":"Hello"}""");
        MapCall(api, "/embeddings", GatewayEndpoints.Embeddings, new OpenAiErrors())
            .WithName("createEmbedding")
            .WithSummary("Turn text into numbers as OpenAI's embeddings do")
            .ShowsBody("""{"model":"demo-embed","input":"Hello"}""");
        api.MapGet("/models", ListModels.Endpoint)
            .WithName("listModels")
            .WithSummary("List the models that may be called, as OpenAI or, by the header anthropic-version, Anthropic does")
            .Produces<JsonObject>()
            .WithMetadata(new OpenAiErrors(), new ApiKeyHeader())
            .Requires(Permission.InferenceCall);
    }

    private static void MapAnthropic(RouteGroupBuilder api)
    {
        const string example = """{"model":"demo-echo","max_tokens":100,"messages":[{"role":"user","content":"Hello"}]}""";
        MapCall(api, "/messages", GatewayEndpoints.Messages, new AnthropicErrors())
            .WithName("createMessage")
            .WithSummary("Call a model as Anthropic's messages do")
            .ShowsBody(example);
        MapCall(api, "/messages/count_tokens", CountTokens.Endpoint, new AnthropicErrors())
            .WithName("countMessageTokens")
            .WithSummary("Count the tokens of a request as Anthropic does, without calling the model")
            .ShowsBody(example);
    }

    // A request that is not understood, and everything before that, is answered in the protocol's own shape.
    private static RouteHandlerBuilder MapCall(RouteGroupBuilder api, string path, Delegate handler, IProblemForm form) =>
        api.MapPost(path, handler)
            .WithDescription(Sdk)
            .Accepts<JsonObject>("application/json")
            .Produces<JsonObject>()
            .LimitsBody(Limits.BodyBytesMax)
            .MayAnswer(
                InferenceProblems.InvalidModelRequest,
                InferenceProblems.UnsupportedByModel,
                InferenceProblems.ModelNotFound,
                InferenceProblems.NoDeploymentAllowed,
                InferenceProblems.BudgetExceeded,
                InferenceProblems.ContentRefused,
                InferenceProblems.ProviderRefused,
                InferenceProblems.ProviderBusy,
                InferenceProblems.ProviderUnavailable,
                InferenceProblems.ProviderBrokeOff,
                InferenceProblems.ProviderTimeout)
            .WithMetadata(form, new ApiKeyHeader())
            .Requires(Permission.InferenceCall);

    private static void MapConfiguration(RouteGroupBuilder api)
    {
        var desk = api.MapGroup("/inference").LimitsBody(Limits.ConfigurationBytesMax);
        desk.MapGet("/providers", ConfigureProviders.ListEndpoint)
            .WithName("listInferenceProviders")
            .WithSummary("List the providers the gateway calls")
            .RequiresWithoutOrg(Permission.InferenceManage);
        desk.MapPut("/providers/{provider}", ConfigureProviders.SetEndpoint)
            .WithName("setInferenceProvider")
            .WithSummary("Add a provider, or change it")
            .ShowsBody("""{"kind":"openai","base_url":"https://api.openai.com/v1","credential":"sk-…","reason":"First provider"}""")
            .MayAnswer(InferenceProblems.InvalidModelConfiguration)
            .RequiresWithoutOrg(Permission.InferenceManage);
        desk.MapDelete("/providers/{provider}", ConfigureProviders.RemoveEndpoint)
            .WithName("removeInferenceProvider")
            .WithSummary("Take a provider away that no model is deployed at")
            .MayAnswer(InferenceProblems.ProviderInUse)
            .RequiresWithoutOrg(Permission.InferenceManage);
        desk.MapGet("/models", ConfigureModels.ListEndpoint)
            .WithName("listInferenceModels")
            .WithSummary("List the models the gateway offers, and where they are")
            .RequiresWithoutOrg(Permission.InferenceManage);
        desk.MapPut("/models", ConfigureModels.SetEndpoint)
            .WithName("setInferenceModel")
            .WithSummary("Offer a model, or change where it is")
            .MayAnswer(InferenceProblems.InvalidModelConfiguration)
            .RequiresWithoutOrg(Permission.InferenceManage);
        desk.MapDelete("/models", ConfigureModels.RemoveEndpoint)
            .WithName("removeInferenceModel")
            .WithSummary("Offer a model no more")
            .MayAnswer(PlatformProblems.NotFound)
            .RequiresWithoutOrg(Permission.InferenceManage);
    }
}
