using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Quoin.Platform;

namespace Quoin.Payments.Stripe;

/// <summary>One call of Stripe's API.</summary>
/// <param name="Operation">Its name in failures, logs and measurements.</param>
/// <param name="Method">How.</param>
/// <param name="Path">What, without parameters.</param>
internal sealed record StripeCall(string Operation, HttpMethod Method, string Path)
{
    /// <summary>Parameters: in the address of a GET, in the body of others.</summary>
    public StripeForm Form { get; init; } = new();

    /// <summary>The idempotency key of a call that changes something; null for one that only asks.</summary>
    public string? Key { get; init; }

    /// <summary>A file to upload instead of a form, with its parameters.</summary>
    public StripeFile? File { get; init; }

    /// <summary>A call that asks.</summary>
    public static StripeCall Get(string operation, string path, StripeForm? form = null) =>
        new(operation, HttpMethod.Get, path) { Form = form ?? new StripeForm() };

    /// <summary>A call that changes something.</summary>
    public static StripeCall Post(string operation, string path, string key, StripeForm form) =>
        new(operation, HttpMethod.Post, path) { Form = form, Key = key };
}

/// <summary>A file to upload.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="Bytes">What it holds.</param>
internal sealed record StripeFile(string Name, string ContentType, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// Talks to Stripe: one place for keys, versions, time-outs, repetitions and what failures mean. Repeats a call, with the
/// same idempotency key, after a lost answer, 409, 429 and 5xx, unless the answer says <c>Stripe-Should-Retry: false</c>.
/// </summary>
internal sealed class StripeClient(
    StripeSettings settings, TimeProvider clock, Jitter jitter, ILogger<StripeClient> log, Action? notUnderstood = null)
    : IDisposable
{
    /// <summary>The API version of npm <c>stripe</c> 23.1.0, which every call asks for.</summary>
    public const string ApiVersion = "2026-10-28.endive";

    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = StripeLimits.ConnectTimeout,
        PooledConnectionLifetime = StripeLimits.ConnectionLifetime,
    })
    {
        // Each attempt has its own clock, below.
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = StripeLimits.AnswerBytesMax,
    };

    /// <summary>Makes a call, with its repetitions.</summary>
    /// <param name="call">What is asked.</param>
    /// <param name="read">Reads the answer.</param>
    /// <param name="cancellationToken">Stops waiting; what was sent may have been done.</param>
    public async Task<ProviderOutcome<T>> Send<T>(
        StripeCall call, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        for (var repetition = 0; ; repetition++)
        {
            var attempt = await Try(call, cancellationToken);
            if (attempt.MayBeRepeated && repetition < StripeLimits.RetriesMax)
            {
                await Task.Delay(Wait(repetition, attempt.RetryAfter), clock, cancellationToken);
                continue;
            }

            var outcome = Read(call, attempt, read);
            Tell(call, outcome, started);
            return outcome;
        }
    }

    /// <summary>Makes a call that lists, page by page.</summary>
    /// <param name="call">The list asked for.</param>
    /// <param name="read">Reads an item.</param>
    /// <param name="pagesMax">After so many pages the list is given as a part.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<ProviderOutcome<ProviderList<T>>> List<T>(
        StripeCall call, Func<JsonElement, T> read, int pagesMax, CancellationToken cancellationToken)
    {
        var items = new List<T>();
        string? after = null;
        for (var page = 0; page < pagesMax; page++)
        {
            var form = new StripeForm().Add("limit", StripeLimits.PageItems);
            foreach (var (name, value) in call.Form.Fields)
            {
                form.Add(name, value);
            }

            var outcome = await Send(
                call with { Form = form.Add("starting_after", after) }, answer => ReadPage(answer, read), cancellationToken);
            if (outcome is not ProviderOutcome<Page<T>>.Done(var found, var requestId))
            {
                return outcome.As<Page<T>, ProviderList<T>>();
            }

            items.AddRange(found.Items);
            if (!found.HasMore)
            {
                return new ProviderOutcome<ProviderList<T>>.Done(new(items, IsWhole: true), requestId);
            }

            after = found.Last;
        }

        return new ProviderOutcome<ProviderList<T>>.Done(new(items, IsWhole: false), RequestId: null);
    }

    /// <inheritdoc />
    public void Dispose() => http.Dispose();

    private static Page<T> ReadPage<T>(JsonElement answer, Func<JsonElement, T> read)
    {
        if (answer.Find("data") is not { ValueKind: JsonValueKind.Array } data)
        {
            throw new UnreadableAnswerException("A list was expected.");
        }

        var objects = data.EnumerateArray().ToList();
        var hasMore = answer.Is("has_more") && objects.Count > 0;
        return new Page<T>([.. objects.Select(read)], hasMore, hasMore ? objects[^1].NeededText("id") : null);
    }

    private async Task<Attempt> Try(StripeCall call, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(settings.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var request = Request(call);
            using var answer = await http.SendAsync(request, either.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(either.Token);
            return Attempt.Answered(answer, Json(body));
        }
        catch (HttpRequestException failure)
        {
            return Attempt.Lost($"The provider could not be reached: {failure.Message}");
        }
        catch (IOException failure)
        {
            return Attempt.Lost($"The connection to the provider broke: {failure.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Attempt.Lost("The provider did not answer in time.");
        }
    }

    private HttpRequestMessage Request(StripeCall call)
    {
        var parameters = call.Form.ToString();
        var address = new Uri(call.File is null ? settings.Address : settings.FilesAddress, call.Path);
        var request = call.Method == HttpMethod.Get && parameters.Length > 0
            ? new HttpRequestMessage(call.Method, new Uri(address, $"?{parameters}"))
            : new HttpRequestMessage(call.Method, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", settings.SecretKey);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.UserAgent.ParseAdd($"{StripeProvider.ClientName}/{StripeProvider.ClientVersion}");
        request.Headers.Add("Stripe-Version", ApiVersion);
        if (call.Key is not null)
        {
            request.Headers.Add("Idempotency-Key", call.Key);
        }

        request.Content = call.File is not null ? Multipart(call, call.File)
            : call.Method == HttpMethod.Post
                ? new StringContent(parameters, Encoding.UTF8, "application/x-www-form-urlencoded")
                : null;
        return request;
    }

    private static MultipartFormDataContent Multipart(StripeCall call, StripeFile file)
    {
        // The boundary follows from the key: a repetition sends the same bytes.
        var boundary = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(call.Key ?? "")));
        var content = new MultipartFormDataContent($"quoin{boundary}");
        foreach (var (name, value) in call.Form.Fields)
        {
            content.Add(new StringContent(value), $"\"{name}\"");
        }

        var bytes = new ReadOnlyMemoryContent(file.Bytes);
        bytes.Headers.ContentType = new MediaTypeHeaderValue(file.ContentType);
        content.Add(bytes, "\"file\"", file.Name);
        return content;
    }

    private static JsonElement? Json(byte[] body)
    {
        try
        {
            var json = JsonSerializer.Deserialize<JsonElement>(body);
            return json.ValueKind == JsonValueKind.Object ? json : null;
        }
        catch (JsonException)
        {
            // What is no JSON was not said by the provider, or not wholly: the caller treats it as unreadable.
            return null;
        }
    }

    private static ProviderOutcome<T> Read<T>(StripeCall call, Attempt attempt, Func<JsonElement, T> read)
    {
        if (attempt.Status is not { } status)
        {
            var (_, lost) = StripeFailures.Lost(call.Operation, attempt.Message ?? "The provider did not answer.");
            return new ProviderOutcome<T>.Unknown(lost);
        }

        if ((int)status is < 200 or >= 300)
        {
            var (verdict, failure) = StripeFailures.Answered(
                call.Operation, status, attempt.ShouldRetry == true, attempt.RequestId, attempt.Body);
            return verdict switch
            {
                StripeVerdict.Rejected => new ProviderOutcome<T>.Rejected(failure),
                StripeVerdict.NotFound => new ProviderOutcome<T>.NotFound(failure),
                _ => new ProviderOutcome<T>.Unknown(failure),
            };
        }

        try
        {
            return attempt.Body is { } body
                ? new ProviderOutcome<T>.Done(read(body), attempt.RequestId)
                : throw new UnreadableAnswerException("The answer is no JSON object.");
        }
        catch (Exception failure) when (StripeJson.IsUnreadable(failure))
        {
            return new ProviderOutcome<T>.Unknown(StripeFailures.Unreadable(
                call.Operation, (int)status, attempt.RequestId, failure.Message));
        }
    }

    // The wait doubles and is spread over its second half, as the vendor's libraries do it.
    private TimeSpan Wait(int repetition, TimeSpan? asked)
    {
        var longest = settings.RetryDelay * Math.Pow(2, repetition);
        var own = Longer(settings.RetryDelay, longest * (0.5 + (0.5 * jitter.Next())));
        var wait = Longer(own, asked ?? TimeSpan.Zero);
        return wait < StripeLimits.RetryDelayMax ? wait : StripeLimits.RetryDelayMax;
    }

    private static TimeSpan Longer(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private void Tell<T>(StripeCall call, ProviderOutcome<T> outcome, long started)
    {
        var failure = outcome.Failed();
        StripeMetrics.Call(call.Operation, failure?.Category, clock.GetElapsedTime(started));
        if (failure is not null)
        {
            if (failure is { Category: ProviderFailureCategory.Provider, HttpStatus: < 500 })
            {
                // An answer, but none of those the vendor documents: its API or what lies between changed.
                notUnderstood?.Invoke();
            }

            log.ProviderCallFailed(
                failure.Operation, failure.Category, failure.HttpStatus, failure.Code, failure.RequestId, failure.Message);
        }
    }

    private sealed record Page<T>(IReadOnlyList<T> Items, bool HasMore, string? Last);

    /// <summary>What one attempt came to.</summary>
    private sealed record Attempt
    {
        public HttpStatusCode? Status { get; private init; }

        public JsonElement? Body { get; private init; }

        public string? RequestId { get; private init; }

        public bool? ShouldRetry { get; private init; }

        public TimeSpan? RetryAfter { get; private init; }

        public string? Message { get; private init; }

        public bool MayBeRepeated => ShouldRetry ?? (Status is null || (int)Status is 409 or 429 or >= 500);

        public static Attempt Lost(string message) => new() { Message = message };

        public static Attempt Answered(HttpResponseMessage answer, JsonElement? body) => new()
        {
            Status = answer.StatusCode,
            Body = body,
            RequestId = One(answer, "Request-Id"),
            ShouldRetry = One(answer, "Stripe-Should-Retry") switch { "true" => true, "false" => false, _ => null },
            RetryAfter = answer.Headers.RetryAfter?.Delta,
        };

        private static string? One(HttpResponseMessage answer, string name) =>
            answer.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
    }
}
