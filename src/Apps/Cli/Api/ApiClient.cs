using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Quoin.Cli;

/// <summary>
/// The public HTTP API from outside. A request that meets a busy, restarting or lost server is sent again, elsewhere
/// where there is an elsewhere, until the patience ends: so it may arrive twice. Only send what may.
/// </summary>
public sealed class ApiClient : IDisposable
{
    private const string OrgHeader = "Quoin-Org";

    private readonly ApiSettings settings;
    private readonly TimeProvider time;
    private readonly HttpClient http;
    private int turn = -1;

    /// <summary>A client of the API.</summary>
    /// <param name="settings">Where it is, and as whom to call it.</param>
    /// <param name="time">Measures pauses and patience.</param>
    /// <param name="handler">Carries the requests; null for the network.</param>
    public ApiClient(ApiSettings settings, TimeProvider time, HttpMessageHandler? handler = null)
    {
        (this.settings, this.time) = (settings, time);
        http = new HttpClient(handler ?? new SocketsHttpHandler
        {
            MaxConnectionsPerServer = settings.Connections,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            AllowAutoRedirect = false,
        })
        {
            Timeout = Limits.RequestTimeout,
        };
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        http.DefaultRequestHeaders.UserAgent.ParseAdd("quoin-cli");
        if (settings.Key is { } key)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        if (settings.Org is { } org)
        {
            http.DefaultRequestHeaders.Add(OrgHeader, org);
        }
    }

    /// <summary>Called before each pause, with what is waited for.</summary>
    public Action<string>? OnWaiting { get; set; }

    /// <summary>Reads.</summary>
    /// <exception cref="ApiException">Refused or unavailable.</exception>
    public async Task<T> Get<T>(string path, CancellationToken cancellationToken) =>
        Json<T>(await Send(HttpMethod.Get, path, null, null, cancellationToken));

    /// <summary>Writes something that may arrive twice.</summary>
    /// <exception cref="ApiException">Refused or unavailable.</exception>
    public async Task<T> Post<T>(string path, object body, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, ApiJson.Options);
        return Json<T>(await Send(HttpMethod.Post, path, bytes, "application/json", cancellationToken));
    }

    /// <summary>Puts something in its place, which may arrive twice.</summary>
    /// <exception cref="ApiException">Refused or unavailable.</exception>
    public async Task Put(string path, object body, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, ApiJson.Options);
        RequireAnswer(await Send(HttpMethod.Put, path, bytes, "application/json", cancellationToken));
    }

    /// <summary>Writes JSON that is there already and may arrive twice.</summary>
    /// <exception cref="ApiException">Refused or unavailable.</exception>
    public async Task<T> PostJson<T>(string path, ReadOnlyMemory<byte> json, CancellationToken cancellationToken) =>
        Json<T>(await Send(HttpMethod.Post, path, json, "application/json", cancellationToken));

    /// <summary>Writes something that must not happen twice: an idempotency key makes repetitions the same request.</summary>
    /// <exception cref="ApiException">Refused or unavailable.</exception>
    public async Task<T> PostOnce<T>(string path, object body, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, ApiJson.Options);
        var once = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        return Json<T>(await Send(HttpMethod.Post, path, bytes, "application/json", cancellationToken, once));
    }

    /// <summary>Sends a batch of events; sent again, they count once.</summary>
    /// <exception cref="ApiException">Refused as a whole, or unavailable.</exception>
    public async Task<BatchAnswer> SendBatch(ReadOnlyMemory<byte> batch, CancellationToken cancellationToken) =>
        Json<BatchAnswer>(await Send(HttpMethod.Post, "/v1/events", batch, UsageEventWriter.BatchMedia, cancellationToken));

    /// <summary>Removes something that may be removed twice.</summary>
    /// <exception cref="ApiException">Refused or unavailable.</exception>
    public async Task Delete(string path, CancellationToken cancellationToken) =>
        RequireAnswer(await Send(HttpMethod.Delete, path, null, null, cancellationToken));

    /// <summary>Sends a request until it ends in some way.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path with its query, from <c>/</c> on.</param>
    /// <param name="body">The body; null for none.</param>
    /// <param name="mediaType">The body's media type.</param>
    /// <param name="cancellationToken">Ends the attempt; the request may have arrived.</param>
    /// <param name="once">The idempotency key of a request that must not happen twice.</param>
    public async Task<ApiOutcome> Send(
        HttpMethod method,
        string path,
        ReadOnlyMemory<byte>? body,
        string? mediaType,
        CancellationToken cancellationToken,
        string? once = null)
    {
        var started = time.GetTimestamp();
        var pause = Limits.PauseShortest;
        while (true)
        {
            var (outcome, retryAfter) = await TryOnce(method, path, body, mediaType, once, cancellationToken);
            if (outcome is not ApiOutcome.Unavailable unavailable)
            {
                return outcome;
            }

            var wait = Jittered(retryAfter ?? pause);
            if (time.GetElapsedTime(started) + wait > settings.Patience)
            {
                return outcome;
            }

            OnWaiting?.Invoke(unavailable.Message);
            await Task.Delay(wait, time, cancellationToken);
            pause = Shorter(pause * 2, Limits.PauseLongest);
        }
    }

    /// <inheritdoc />
    public void Dispose() => http.Dispose();

    private async Task<(ApiOutcome Outcome, TimeSpan? RetryAfter)> TryOnce(
        HttpMethod method,
        string path,
        ReadOnlyMemory<byte>? body,
        string? mediaType,
        string? once,
        CancellationToken cancellationToken)
    {
        var url = new Uri(NextUrl(), path);
        try
        {
            using var request = new HttpRequestMessage(method, url);
            if (once is not null)
            {
                request.Headers.Add("Idempotency-Key", once);
            }

            if (body is { } bytes)
            {
                request.Content = new ReadOnlyMemoryContent(bytes);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType!);
            }

            using var response = await http.SendAsync(request, cancellationToken);
            var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return (OutcomeOf(response, answer), response.Headers.RetryAfter?.Delta);
        }
        catch (HttpRequestException failure)
        {
            return (new ApiOutcome.Unavailable($"{url.GetLeftPart(UriPartial.Authority)} cannot be reached: {failure.Message}"), null);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (new ApiOutcome.Unavailable($"{url.GetLeftPart(UriPartial.Authority)} did not answer in time"), null);
        }
    }

    private static ApiOutcome OutcomeOf(HttpResponseMessage response, byte[] answer)
    {
        if (response.IsSuccessStatusCode)
        {
            return new ApiOutcome.Answered(response.StatusCode, answer);
        }

        var problem = ApiJson.ProblemOf(answer);
        var code = problem?.Code ?? $"http_{(int)response.StatusCode}";
        var message = problem is null
            ? $"{(int)response.StatusCode} {response.ReasonPhrase}"
            : $"{problem.Title} {problem.Detail} ({problem.Code}, {problem.RequestId})";

        // 409 request_in_progress and the like say themselves that a later attempt may pass; a failing server may recover.
        var isPassing = problem?.Retryable == true
            || response.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
        return isPassing
            ? new ApiOutcome.Unavailable(message)
            : new ApiOutcome.Refused(response.StatusCode, code, message);
    }

    private static T Json<T>(ApiOutcome outcome) =>
        JsonSerializer.Deserialize<T>(RequireAnswer(outcome).Body, ApiJson.Options)
        ?? throw new ApiException("The server answered with nothing.", null);

    private static ApiOutcome.Answered RequireAnswer(ApiOutcome outcome) => outcome switch
    {
        ApiOutcome.Answered answered => answered,
        ApiOutcome.Refused refused => throw new ApiException(refused.Message, refused.Code),
        ApiOutcome.Unavailable unavailable => throw new ApiException(unavailable.Message, null),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private Uri NextUrl() =>
        settings.Urls[(int)(unchecked((uint)Interlocked.Increment(ref turn)) % (uint)settings.Urls.Count)];

    // Up to a quarter more, so that the waiting do not come back together.
    private static TimeSpan Jittered(TimeSpan pause) => pause * (1 + (RandomNumberGenerator.GetInt32(250) / 1000d));

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;
}

/// <summary>A request was refused, or the server could not be reached in time; the message is for a person.</summary>
public sealed class ApiException(string message, string? code) : Exception(message)
{
    /// <summary>The problem's stable code; null when the server was unavailable.</summary>
    public string? Code => code;
}
