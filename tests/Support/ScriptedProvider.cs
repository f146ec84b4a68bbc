using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Quoin.Kernel;
using Quoin.Payments;

namespace Quoin.Tests.Support;

/// <summary>How a scripted call ends.</summary>
public enum ScriptedEnding
{
    /// <summary>It is done and the answer arrives.</summary>
    Done,

    /// <summary>It is refused for good; nothing is done.</summary>
    Rejected,

    /// <summary>The request is lost; nothing is done, and the caller does not know.</summary>
    LostRequest,

    /// <summary>It is done; the answer is lost, and the caller does not know.</summary>
    LostAnswer,
}

/// <summary>What the next call of an operation meets.</summary>
/// <param name="Ending">How it ends.</param>
public sealed record ScriptedStep(ScriptedEnding Ending)
{
    /// <summary>What kind of failure it is, where it fails.</summary>
    public ProviderFailureCategory Category { get; init; } = ProviderFailureCategory.InvalidRequest;

    /// <summary>Where the call waits before anything is done; null does not.</summary>
    public ScriptedGate? Before { get; init; }

    /// <summary>Where the call waits after it was done, before the caller knows; null does not.</summary>
    public ScriptedGate? After { get; init; }
}

/// <summary>A place in a provider call where a test holds it up, to do something meanwhile.</summary>
public sealed class ScriptedGate
{
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a call waits here.</summary>
    public Task Reached => reached.Task;

    /// <summary>Lets it go on, and all that come later.</summary>
    public void Open() => opened.TrySetResult();

    internal Task Pass()
    {
        reached.TrySetResult();
        return opened.Task;
    }
}

/// <summary>A call as the provider saw it.</summary>
/// <param name="Operation">Its name, as in <see cref="IPaymentProvider"/>.</param>
/// <param name="Subject">The frozen parameters, or the id it names.</param>
/// <param name="Key">The idempotency key; null for a read.</param>
public sealed record ScriptedCall(string Operation, string Subject, string? Key);

/// <summary>
/// A provider without a socket: it keeps what is created, answers the same key the same way, records each call, and does
/// to the next ones what a test's script says. For interleavings only; protocols are tested against the simulator.
/// </summary>
public sealed partial class ScriptedProvider(TimeProvider clock) : IPaymentProvider
{
    private readonly ConcurrentQueue<ScriptedCall> calls = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<ScriptedStep>> script = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Subject, object Value)> byKey = new(StringComparer.Ordinal);
    private int made;

    /// <inheritdoc />
    public string Name => "scripted";

    /// <inheritdoc />
    public ProviderProvenance Provenance { get; set; } = new("quoin-scripted", "1.2.3", "2026-01-01");

    /// <summary>Every call, oldest first.</summary>
    public IReadOnlyList<ScriptedCall> Calls => [.. calls];

    /// <summary>Calls of one operation, oldest first.</summary>
    public IReadOnlyList<ScriptedCall> CallsOf(string operation) => [.. calls.Where(call => call.Operation == operation)];

    /// <summary>What the next calls of an operation meet, in order; after them, all is done.</summary>
    public void Next(string operation, params ScriptedStep[] steps)
    {
        var queue = script.GetOrAdd(operation, _ => new ConcurrentQueue<ScriptedStep>());
        foreach (var step in steps)
        {
            queue.Enqueue(step);
        }
    }

    /// <summary>Called at the start of each call, on the caller's thread: to look at the database meanwhile.</summary>
    public Func<ScriptedCall, Task>? During { get; set; }

    /// <inheritdoc />
    public string Freeze(CheckoutParameters parameters) => JsonSerializer.Serialize(parameters);

    /// <inheritdoc />
    public string Freeze(PortalParameters parameters) => JsonSerializer.Serialize(parameters);

    /// <inheritdoc />
    public string Freeze(PaymentLinkParameters parameters) => JsonSerializer.Serialize(
        new LinkJson([.. parameters.Prices.Select(one => one.Price)], parameters.SuccessUrl, parameters.Metadata));

    /// <summary>Some id that looks like a provider's.</summary>
    public string NewId(string prefix) => $"{prefix}_{Interlocked.Increment(ref made):D6}_{GetHashCode():x8}";

    private async Task<ProviderOutcome<T>> Answer<T>(
        string operation, string subject, string? key, Func<T?> act, CancellationToken cancellationToken)
        where T : class
    {
        var call = new ScriptedCall(operation, subject, key);
        calls.Enqueue(call);
        if (During is { } during)
        {
            await during(call);
        }

        ScriptedStep? step = null;
        script.GetValueOrDefault(operation)?.TryDequeue(out step);
        step ??= new ScriptedStep(ScriptedEnding.Done);
        await (step.Before?.Pass() ?? Task.CompletedTask).WaitAsync(cancellationToken);
        if (step.Ending is ScriptedEnding.Rejected)
        {
            return new ProviderOutcome<T>.Rejected(Failed(operation, step.Category));
        }

        if (step.Ending is ScriptedEnding.LostRequest)
        {
            return new ProviderOutcome<T>.Unknown(Failed(operation, Unclear(step.Category)));
        }

        var outcome = Do(operation, subject, key, act);
        await (step.After?.Pass() ?? Task.CompletedTask).WaitAsync(cancellationToken);
        return step.Ending is ScriptedEnding.LostAnswer
            ? new ProviderOutcome<T>.Unknown(Failed(operation, Unclear(step.Category)))
            : outcome;
    }

    private ProviderOutcome<T> Do<T>(string operation, string subject, string? key, Func<T?> act)
        where T : class
    {
        if (key is null)
        {
            return act() is { } read
                ? new ProviderOutcome<T>.Done(read, "req_scripted")
                : new ProviderOutcome<T>.NotFound(Failed(operation, ProviderFailureCategory.NotFound));
        }

        lock (byKey)
        {
            if (byKey.TryGetValue(key, out var known))
            {
                return known.Subject == subject
                    ? new ProviderOutcome<T>.Done((T)known.Value, "req_scripted")
                    : new ProviderOutcome<T>.Rejected(Failed(operation, ProviderFailureCategory.KeyReused));
            }

            if (act() is not { } value)
            {
                return new ProviderOutcome<T>.NotFound(Failed(operation, ProviderFailureCategory.NotFound));
            }

            byKey[key] = (subject, value);
            return new ProviderOutcome<T>.Done(value, "req_scripted");
        }
    }

    private static ProviderFailureCategory Unclear(ProviderFailureCategory category) =>
        category is ProviderFailureCategory.InvalidRequest ? ProviderFailureCategory.Network : category;

    private static ProviderFailure Failed(string operation, ProviderFailureCategory category) =>
        new(category, operation, $"Scripted: {category}.");

    private static string Of(object parameters) => JsonSerializer.Serialize(parameters);

    private sealed record LinkJson(
        IReadOnlyList<string> Prices, string SuccessUrl, IReadOnlyDictionary<string, string> Metadata);

    /// <inheritdoc />
    public WebhookReading ReadWebhook(ReadOnlyMemory<byte> body, string? signature, DateTimeOffset now)
    {
        if (signature is null)
        {
            return new WebhookReading.Unsigned();
        }

        if (signature != SignatureOf(body.Span))
        {
            return new WebhookReading.Forged("The signature is another one.");
        }

        return Known.TryGetValue(Encoding.UTF8.GetString(body.Span), out var news)
            ? new WebhookReading.Genuine(HeadOf(news))
            : new WebhookReading.Unreadable("Nobody scripted this.");
    }

    /// <inheritdoc />
    public ProviderEvent? ReadEvent(ReadOnlyMemory<byte> body, out string? unreadable)
    {
        var news = Known.GetValueOrDefault(Encoding.UTF8.GetString(body.Span));
        unreadable = news is null ? "Nobody scripted this." : null;
        return news;
    }

    private static ProviderEventHead HeadOf(ProviderEvent news)
    {
        var (about, customer) = news.Subject switch
        {
            ProviderEventSubject.Checkout(var value) => (value.Id, value.Customer),
            ProviderEventSubject.Subscription(var value) => (value.Id, value.Customer),
            ProviderEventSubject.Invoice(var value) => (value.Id, value.Customer),
            ProviderEventSubject.Payment(var value) => (value.Id, value.Customer),
            ProviderEventSubject.PaymentMethod(var value, _, var owner) => (value.Id, owner),
            ProviderEventSubject.Customer(var value) => (value.Id, value.Id),
            ProviderEventSubject.Refund(var value) => (value.Id, null),
            ProviderEventSubject.Dispute(var value) => (value.Id, null),
            ProviderEventSubject.Payout(var value) => (value.Id, null),
            _ => ((string?)null, (string?)null),
        };
        return new ProviderEventHead(news.Id, news.Type, news.CreatedAt, news.IsLive, news.Subject is not null, about, customer);
    }

    /// <summary>The bodies and what they say.</summary>
    public ConcurrentDictionary<string, ProviderEvent> Known { get; } = new(StringComparer.Ordinal);

    /// <summary>The signature of a body.</summary>
    public static string SignatureOf(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    /// <summary>Makes a body that says something.</summary>
    public byte[] BodyOf(ProviderEvent news)
    {
        var text = JsonSerializer.Serialize(new { news.Id, news.Type, news.CreatedAt });
        Known[text] = news;
        return Encoding.UTF8.GetBytes(text);
    }
}

/// <summary>The scripted provider serves every organisation.</summary>
/// <param name="provider">The provider.</param>
/// <param name="organisations">Who is live and who is not.</param>
public sealed class ScriptedProviders(IPaymentProvider? provider, Accounts.Organisations organisations) : IPaymentProviders
{
    /// <inheritdoc />
    public IPaymentProvider? Of(PaymentMode mode) => provider;

    /// <inheritdoc />
    public async Task<PaymentMode?> ModeOf(OrgId org, CancellationToken cancellationToken) =>
        (await organisations.Find(org, cancellationToken))?.Mode switch
        {
            null => null,
            Accounts.OrganisationMode.Live => PaymentMode.Live,
            _ => PaymentMode.Test,
        };
}
