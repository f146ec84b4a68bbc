using System.Collections.Frozen;
using System.Globalization;

namespace Quoin.Inference.Internal;

/// <summary>The built-in models, each with a habit of its own; served to test-mode organisations under <c>--demo</c>.</summary>
internal static class DemoModels
{
    /// <summary>Says what the user said last.</summary>
    public const string Echo = "demo-echo";

    /// <summary>Calls the first tool it is offered, then tells what that gave.</summary>
    public const string Tools = "demo-tools";

    /// <summary>Thinks aloud, then does as <see cref="Echo"/>.</summary>
    public const string Reason = "demo-reason";

    /// <summary>As <see cref="Echo"/>; says that half its input came from a cache.</summary>
    public const string Cached = "demo-cached";

    /// <summary>As <see cref="Echo"/>, a word every fifty milliseconds.</summary>
    public const string Slow = "demo-slow";

    /// <summary>Breaks off after three words.</summary>
    public const string Break = "demo-break";

    /// <summary>Never answers.</summary>
    public const string Hang = "demo-hang";

    /// <summary>Turns text into numbers.</summary>
    public const string Embed = "demo-embed";

    /// <summary>The provider they are at, as usage names it.</summary>
    public const string ProviderName = "demo";

    private const string ErrorPrefix = "demo-error-";
    private static readonly int[] Errors = [400, 401, 403, 404, 413, 429, 500, 503, 529];
    private static readonly ProviderTimeouts Timeouts = new(
        TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(Limits.TotalSeconds));

    private static readonly Protocol[] Spoken =
    [
        Protocol.OpenAiChat, Protocol.OpenAiResponses, Protocol.AnthropicMessages, Protocol.OpenAiCompletions,
        Protocol.OpenAiEmbeddings,
    ];

    private static readonly ModelProvider Provider = new(
        ProviderName, ProviderKind.Demo, new Uri("http://demo.invalid"), Spoken, null, Timeouts);

    /// <summary>All of them, by name.</summary>
    public static FrozenDictionary<string, ModelRoute> All { get; } =
        new[] { Echo, Tools, Reason, Cached, Slow, Break, Hang, Embed }
            .Concat(Errors.Select(status => ErrorPrefix + status.ToString(CultureInfo.InvariantCulture)))
            .ToFrozenDictionary(
                name => name,
                name => new ModelRoute(name, [new Deployment(Provider, name, 1_000_000, 4_096)], DateTimeOffset.UnixEpoch),
                StringComparer.Ordinal);

    /// <summary>The status a model answers instead of an answer; null where it answers.</summary>
    public static int? ErrorOf(string model) =>
        model.StartsWith(ErrorPrefix, StringComparison.Ordinal)
            ? int.Parse(model.AsSpan(ErrorPrefix.Length), CultureInfo.InvariantCulture)
            : null;
}
