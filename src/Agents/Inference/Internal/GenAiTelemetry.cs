using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Quoin.Inference.Internal;

/// <summary>
/// What is told of askings of providers, in the words of OpenTelemetry's "Semantic conventions for generative AI": a span
/// and metrics of each asking, never content. Besides, what an operator watches: outcomes, speed and circuits by provider.
/// </summary>
internal sealed class GenAiTelemetry : IDisposable
{
    private const string Name = "Quoin.Inference";

    private readonly ActivitySource source = new(Name);
    private readonly Histogram<double> duration;
    private readonly Histogram<long> tokens;
    private readonly Histogram<double> firstToken;
    private readonly Histogram<double> perToken;
    private readonly Histogram<double> speed;
    private readonly Counter<long> calls;

    public GenAiTelemetry(IMeterFactory meters, DeploymentWatches watches)
    {
        var meter = meters.Create("Quoin.Inference");
        duration = meter.CreateHistogram(
            "gen_ai.client.operation.duration", "s", "How long an asking of a provider took.", advice: Buckets(
                [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]));
        tokens = meter.CreateHistogram(
            "gen_ai.client.token.usage",
            "{token}",
            "Tokens of an asking, in and out.",
            advice: new InstrumentAdvice<long>
            {
                HistogramBucketBoundaries =
                    [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864],
            });
        firstToken = meter.CreateHistogram(
            "gen_ai.server.time_to_first_token", "s", "How long a provider took to begin.", advice: Buckets(
                [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]));
        perToken = meter.CreateHistogram(
            "gen_ai.server.time_per_output_token", "s", "How long each token after the first took.", advice: Buckets(
                [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]));
        speed = meter.CreateHistogram(
            "inference.provider.speed", "{token}/s", "Tokens of output a second, once begun.", advice: Buckets(
                [1, 2, 5, 10, 20, 35, 50, 75, 100, 150, 250, 500, 1_000, 2_500]));
        calls = meter.CreateCounter<long>("inference.provider.call", "{call}", "Askings of providers, by how they ended.");
        meter.CreateObservableGauge(
            "inference.provider.circuit",
            () => Circuits(watches),
            "{state}",
            "Whether a deployment is asked: 0 it is, 1 one call at a time tries it, 2 it rests.");
    }

    /// <summary>An asking begins; null where nobody wants to see it.</summary>
    public Activity? Start(PreparedCall call, Candidate candidate)
    {
        if (!source.HasListeners())
        {
            return null;
        }

        var deployment = candidate.Deployment;
        var operation = OperationOf(candidate.Protocol);
        var activity = source.StartActivity($"{operation} {deployment.Model}", ActivityKind.Client);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("gen_ai.operation.name", operation);
            activity.SetTag("gen_ai.provider.name", VendorOf(deployment.Provider));
            activity.SetTag("gen_ai.request.model", deployment.Model);
            activity.SetTag("gen_ai.request.max_tokens", call.OutputTokensMax ?? call.Head.OutputTokensMax);
            activity.SetTag("gen_ai.conversation.id", call.Call.Session);
            activity.SetTag("server.address", deployment.Provider.BaseUrl.Host);
            activity.SetTag("server.port", deployment.Provider.BaseUrl.Port);
            activity.SetTag("quoin.provider", deployment.Provider.Name);
            activity.SetTag("quoin.request_id", call.Call.Id.ToString());
        }

        return activity;
    }

    /// <summary>A provider began to answer.</summary>
    public void Began(Candidate candidate, TimeSpan after) => firstToken.Record(after.TotalSeconds, TagsOf(candidate));

    /// <summary>A provider answered in full, or as far as its client waited.</summary>
    public void Answered(Candidate candidate, Activity? activity, TimeSpan after, TimeSpan speaking, ModelUsage usage)
    {
        var tags = TagsOf(candidate);
        duration.Record(after.TotalSeconds, tags);
        var output = usage.AllOutputTokens;
        if (output > 1 && speaking > TimeSpan.Zero)
        {
            perToken.Record(speaking.TotalSeconds / (output - 1), tags);
            speed.Record(output / speaking.TotalSeconds, tags);
        }

        tokens.Record(usage.AllInputTokens, With(tags, "gen_ai.token.type", "input"));
        tokens.Record(output, With(tags, "gen_ai.token.type", "output"));
        Count(candidate, "answered");
        activity?.SetTag("gen_ai.usage.input_tokens", usage.AllInputTokens);
        activity?.SetTag("gen_ai.usage.output_tokens", output);
        activity?.SetTag("gen_ai.usage.cache_read.input_tokens", usage.CachedReadTokens + usage.AudioCachedReadTokens);
        activity?.Dispose();
    }

    /// <summary>A provider failed, or refused the request.</summary>
    public void Failed(Candidate candidate, Activity? activity, TimeSpan after, string reason, bool isRefused)
    {
        duration.Record(after.TotalSeconds, With(TagsOf(candidate), "error.type", reason));
        Count(candidate, isRefused ? "refused" : "failed");
        activity?.SetTag("error.type", reason);
        activity?.SetStatus(ActivityStatusCode.Error);
        activity?.Dispose();
    }

    /// <summary>The client left.</summary>
    public void Left(Candidate candidate, Activity? activity)
    {
        Count(candidate, "left");
        activity?.Dispose();
    }

    /// <inheritdoc />
    public void Dispose() => source.Dispose();

    private static string OperationOf(Protocol protocol) => protocol switch
    {
        Protocol.OpenAiEmbeddings => "embeddings",
        Protocol.OpenAiCompletions => "text_completion",
        _ => "chat",
    };

    // The conventions' own words where they have one.
    private static string VendorOf(ModelProvider provider) => provider.Kind switch
    {
        ProviderKind.OpenAi => "openai",
        ProviderKind.Anthropic => "anthropic",
        ProviderKind.AzureOpenAi => "azure.ai.openai",
        ProviderKind.Bedrock => "aws.bedrock",
        ProviderKind.Gemini => "gcp.gemini",
        _ => provider.Name,
    };

    private static InstrumentAdvice<double> Buckets(double[] bounds) => new() { HistogramBucketBoundaries = bounds };

    private static TagList TagsOf(Candidate candidate) =>
    [
        new("gen_ai.operation.name", OperationOf(candidate.Protocol)),
        new("gen_ai.provider.name", VendorOf(candidate.Deployment.Provider)),
        new("gen_ai.request.model", candidate.Deployment.Model),
        new("provider", candidate.Deployment.Provider.Name),
    ];

    private static TagList With(TagList tags, string name, string value)
    {
        tags.Add(name, value);
        return tags;
    }

    private static IEnumerable<Measurement<int>> Circuits(DeploymentWatches watches) =>
        watches.Shared.Select(one => new Measurement<int>(
            one.Watch.Circuit.State switch
            {
                CircuitState.Open => 2,
                CircuitState.HalfOpen => 1,
                _ => 0,
            },
            new KeyValuePair<string, object?>("provider", one.Deployment.Provider),
            new KeyValuePair<string, object?>("model", one.Deployment.Model)));

    private void Count(Candidate candidate, string outcome) => calls.Add(
        1,
        new KeyValuePair<string, object?>("provider", candidate.Deployment.Provider.Name),
        new KeyValuePair<string, object?>("model", candidate.Deployment.Model),
        new KeyValuePair<string, object?>("outcome", outcome));
}
