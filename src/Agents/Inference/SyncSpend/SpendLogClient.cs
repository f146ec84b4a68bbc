using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Extensions;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>A call that another gateway made.</summary>
/// <param name="Id">Its id there.</param>
/// <param name="BegunAt">When it began: what it is listed by there.</param>
/// <param name="At">When it was over.</param>
/// <param name="Answered">The model that answered.</param>
/// <param name="Usage">What was used; none where it failed, or a cache answered.</param>
/// <param name="Spend">What that gateway says it cost, in dollars; null where it does not.</param>
/// <param name="Key">The key it was made with, as that gateway names it; null for none.</param>
/// <param name="User">For whom; null for nobody.</param>
/// <param name="Session">The session it belongs to; null for none.</param>
internal sealed record ExternalCall(
    string Id,
    DateTimeOffset BegunAt,
    DateTimeOffset At,
    ProviderModel Answered,
    ModelUsage Usage,
    decimal? Spend,
    string? Key,
    string? User,
    string? Session);

/// <summary>A page of calls.</summary>
/// <param name="Calls">Those that can be read.</param>
/// <param name="Unreadable">How many cannot.</param>
/// <param name="TotalPages">How many pages the stretch has.</param>
internal sealed record ExternalCalls(IReadOnlyList<ExternalCall> Calls, int Unreadable, int TotalPages);

/// <summary>Another gateway's calls cannot be read; the message says why, and never with what it answered.</summary>
internal sealed class SpendNotReadException(string message) : Exception(message);

/// <summary>Asks another LiteLLM for its calls (<c>GET /spend/logs/v2</c>, where its releases have it).</summary>
internal sealed class SpendLogClient(ProviderConnections connections, Secrets secrets)
{
    // Older releases have the same below another name.
    private static readonly string[] Paths = ["/spend/logs/v2", "/spend/logs/ui"];

    /// <summary>One page of the calls that began in a stretch of time.</summary>
    /// <exception cref="SpendNotReadException">It did not answer so.</exception>
    public async Task<ExternalCalls> Page(SpendSource source, SpendStretch stretch, int page, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Limits.SpendAnswerTimeout);
        try
        {
            foreach (var path in Paths)
            {
                using var response = await Ask(source, path, stretch, page, timeout.Token);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    return Read(await Body(response, timeout.Token));
                }

                if (response.StatusCode != HttpStatusCode.NotFound)
                {
                    throw new SpendNotReadException($"It answered {(int)response.StatusCode}.");
                }
            }

            throw new SpendNotReadException("It has no /spend/logs/v2.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SpendNotReadException($"It did not answer within {Limits.SpendAnswerTimeout.TotalSeconds} seconds.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new SpendNotReadException($"It cannot be reached: {(exception as HttpRequestException)?.HttpRequestError}.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new SpendNotReadException("Its answer is not what LiteLLM answers.");
        }
    }

    private async Task<HttpResponseMessage> Ask(
        SpendSource source, string path, SpendStretch stretch, int page, CancellationToken cancellationToken)
    {
        const string form = "yyyy-MM-dd HH:mm:ss";
        var query = new QueryBuilder
        {
            { "start_date", stretch.From.UtcDateTime.ToString(form, CultureInfo.InvariantCulture) },
            { "end_date", stretch.To.UtcDateTime.ToString(form, CultureInfo.InvariantCulture) },
            { "page", page.ToString(CultureInfo.InvariantCulture) },
            { "page_size", Limits.SpendPageRows.ToString(CultureInfo.InvariantCulture) },
        };
        using var message = new HttpRequestMessage(HttpMethod.Get, source.BaseUrl.TrimEnd('/') + path + query);
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key(source));
        return await connections.Send(message, cancellationToken);
    }

    private string Key(SpendSource source)
    {
        try
        {
            return Encoding.UTF8.GetString(secrets.Unprotect(SpendSource.CredentialPurpose, source.Credential, source.Binding));
        }
        catch (CryptographicException)
        {
            throw new SpendNotReadException("Its key cannot be decrypted: give it anew.");
        }
    }

    private static async Task<byte[]> Body(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[64 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            body.Write(buffer.AsSpan(0, read));
            if (body.Length > Limits.SpendAnswerBytesMax)
            {
                throw new SpendNotReadException($"Its answer has more than {Limits.SpendAnswerBytesMax} bytes.");
            }
        }

        return body.ToArray();
    }

    private static ExternalCalls Read(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        if (document.RootElement.Member("data") is not { ValueKind: JsonValueKind.Array } data
            || document.RootElement.Member("total_pages") is not { ValueKind: JsonValueKind.Number } total
            || !total.TryGetInt32(out var pages))
        {
            throw new SpendNotReadException("Its answer has not both data and total_pages, as LiteLLM's has.");
        }

        var calls = data.EnumerateArray().Select(Call).OfType<ExternalCall>().ToList();
        return new ExternalCalls(calls, data.GetArrayLength() - calls.Count, pages);
    }

    private static ExternalCall? Call(JsonElement row)
    {
        var (begun, over) = (Text(row, "startTime"), Text(row, "endTime"));
        if (Text(row, "request_id") is not { } id || Instant(over ?? begun) is not { } at || Text(row, "model") is not { } model)
        {
            return null;
        }

        var provider = Text(row, "custom_llm_provider") ?? "unknown";
        model = model.StartsWith(provider + "/", StringComparison.Ordinal) ? model[(provider.Length + 1)..] : model;
        return new ExternalCall(
            OutsideText.Fit(id)!,
            Instant(begun) ?? at,
            at,
            new ProviderModel(OutsideText.Fit(provider)!, OutsideText.Fit(model) ?? "unknown"),
            Text(row, "cache_hit") is "True" or "true" ? ModelUsage.None : Usage(row),
            row.Member("spend") is { ValueKind: JsonValueKind.Number } spend && spend.TryGetDecimal(out var dollars) ? dollars : null,
            OutsideText.Fit(Text(row, "api_key")),
            OutsideText.Fit(Text(row, "end_user") ?? Text(row, "user")),
            OutsideText.Fit(Text(row, "session_id")));
    }

    // What the provider counted stands in the metadata, in OpenAI's words; the columns know no sorts.
    private static ModelUsage Usage(JsonElement row)
    {
        var (input, output) = (Count(row, "prompt_tokens"), Count(row, "completion_tokens"));
        if (input == 0 && output == 0)
        {
            return ModelUsage.None;
        }

        var told = row.Member("metadata")?.Member("usage_object") is { ValueKind: JsonValueKind.Object } usage
            ? UsageRules.Read(Protocol.OpenAiChat, usage)
            : ModelUsage.None;
        return told.AllInputTokens == input && told.AllOutputTokens == output
            ? told
            : new ModelUsage { InputTokens = input, OutputTokens = output, Requests = 1 };
    }

    private static long Count(JsonElement row, string name) =>
        row.Member(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var count) && count > 0 ? count : 0;

    private static string? Text(JsonElement row, string name) =>
        row.Member(name) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } text ? text : null;

    private static DateTimeOffset? Instant(string? text) =>
        DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
                ? at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond))
                : null;
}
