using System.Buffers;
using System.Globalization;

namespace Quoin.Inference.Internal;

/// <summary>A provider's answer that has begun.</summary>
internal sealed class ProviderAnswer(
    Candidate candidate, HttpResponseMessage response, Patience patience, int attempt, Asking asking) : IDisposable
{
    private const decimal MicrosPerDollar = 1_000_000m;

    public Candidate Candidate => candidate;

    public HttpResponseMessage Response => response;

    public Patience Patience => patience;

    public int Attempt => attempt;

    /// <summary>When it was asked.</summary>
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>When the head of its answer had come.</summary>
    public required DateTimeOffset RespondedAt { get; init; }

    /// <summary>Those that were asked before and failed.</summary>
    public IReadOnlyList<FailedAttempt> FailedAttempts { get; set; } = [];

    public Asking Asking => asking;

    public int Status => (int)response.StatusCode;

    /// <summary>The provider's own id of the call, by the header of OpenAI or of Anthropic.</summary>
    public string? RequestId =>
        response.Headers.TryGetValues("x-request-id", out var ids) || response.Headers.TryGetValues("request-id", out ids)
            ? ids.FirstOrDefault() is { Length: <= Limits.NameLettersMax } id ? id : null
            : null;

    /// <summary>
    /// What a provider says that the call cost, in micros of a dollar: a LiteLLM by a header, which in front of a stream it
    /// mostly cannot, OpenRouter with the usage. Null where it says nothing, and of providers that are not known to say it.
    /// </summary>
    /// <param name="usage">What was used, with what was told of its cost.</param>
    public decimal? ToldMicros(in ModelUsage usage) => candidate.Deployment.Provider.Kind switch
    {
        ProviderKind.LiteLlm => HeaderMicros,
        ProviderKind.OpenRouter => usage.ToldCost * MicrosPerDollar,
        _ => null,
    };

    // The header may have an exponent; zero is of what it has no price for.
    private decimal? HeaderMicros =>
        response.Headers.TryGetValues("x-litellm-response-cost", out var costs)
        && decimal.TryParse(costs.FirstOrDefault(), NumberStyles.Float, CultureInfo.InvariantCulture, out var dollars)
        && dollars is > 0 and < Limits.ToldCostMax
            ? dollars * MicrosPerDollar
            : null;

    /// <summary>The events of a stream, the first of them read and waiting; null for a plain answer.</summary>
    public EventSource? Events { get; set; }

    /// <summary>All of a plain answer; null for a stream, and for one that says what is wrong with the request.</summary>
    public ArrayBufferWriter<byte>? Body { get; set; }

    /// <inheritdoc />
    public void Dispose()
    {
        Events?.Dispose();
        response.Dispose();
        patience.Dispose();
        asking.Dispose();
    }
}

/// <summary>The events of a stream as they come.</summary>
internal sealed class EventSource(Stream stream) : IDisposable
{
    private readonly SseReader reader = new();
    private SseEvent waiting;
    private bool isWaiting;

    /// <summary>Reads until there is an event that carries something; false where the stream ends before.</summary>
    public async ValueTask<bool> ReadFirst(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (reader.TryRead(out waiting))
            {
                if (waiting.Data.Length > 0)
                {
                    isWaiting = true;
                    return true;
                }
            }

            if (!await Read(cancellationToken))
            {
                return false;
            }
        }
    }

    /// <summary>Whether the first event says that the provider failed, or is none of any protocol's.</summary>
    public bool FirstIsFailure
    {
        get
        {
            var data = waiting.Data.Span.TrimStart((byte)' ');
            return isWaiting
                && (data.StartsWith("{\"error\""u8)
                    || waiting.Name.Span.SequenceEqual("error"u8)
                    || !(data.StartsWith("{"u8) || data.SequenceEqual("[DONE]"u8)));
        }
    }

    /// <summary>The next event that has come already.</summary>
    public bool TryTake(out SseEvent one)
    {
        if (isWaiting)
        {
            (one, isWaiting) = (waiting, false);
            return true;
        }

        return reader.TryRead(out one);
    }

    /// <summary>Waits for more bytes; false at the end of the stream.</summary>
    public async ValueTask<bool> Read(CancellationToken cancellationToken)
    {
        var read = await stream.ReadAsync(reader.Free(), cancellationToken);
        reader.Filled(read);
        return read > 0;
    }

    /// <inheritdoc />
    public void Dispose() => reader.Dispose();
}
