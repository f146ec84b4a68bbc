using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Over which time.</summary>
/// <param name="From">The first instant; thirty days before <c>to</c> where left out.</param>
/// <param name="To">The first instant after, at most ninety days later; now where left out.</param>
internal sealed record ShadowRequest(DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <summary>What copies of calls came to at a deployment that is tried out.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Model">What it calls the model.</param>
/// <param name="Outcome"><c>succeeded</c>, or what failed in a word.</param>
/// <param name="Calls">How many copies.</param>
/// <param name="InputTokens">Tokens they read.</param>
/// <param name="OutputTokens">Tokens they wrote.</param>
/// <param name="Currency">The currency; null where nothing prices the model.</param>
/// <param name="ProviderMicros">What the provider asks, in micros, unrounded; the operator pays it.</param>
/// <param name="LatencyMs">How long one took, in milliseconds, on average.</param>
internal sealed record ShadowRow(
    string Provider,
    string Model,
    string Outcome,
    long Calls,
    long InputTokens,
    long OutputTokens,
    Currency? Currency,
    decimal? ProviderMicros,
    double LatencyMs);

/// <summary>What was copied to deployments that are tried out.</summary>
internal sealed class ReadShadows(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary><c>GET /v1/inference/shadows</c>.</summary>
    public static async Task<Results<Ok<Page<ShadowRow>>, Problem>> Endpoint(
        Parameters<ShadowRequest> parameters, ReadShadows handler, CancellationToken cancellationToken) =>
        HistoryRange.Of(parameters.Value.From, parameters.Value.To, handler.Now) is { } range
            ? TypedResults.Ok(new Page<ShadowRow>(await handler.Read(range, cancellationToken), null))
            : ReadHistory.InvalidRange();

    private DateTimeOffset Now => time.GetUtcNow();

    private const string ReadSql = """
        select provider, provider_model, outcome, count(*), sum(input_tokens)::bigint, sum(output_tokens)::bigint, currency,
            sum(provider_micros), avg(total_micros)::double precision / 1000
        from inference.shadow_calls
        where occurred_at >= $1
            and occurred_at < $2
        group by provider, provider_model, outcome, currency
        order by provider, provider_model, count(*) desc, outcome, currency
        limit $3
        """;

    private async Task<IReadOnlyList<ShadowRow>> Read(Period range, CancellationToken cancellationToken)
    {
        var rows = new List<ShadowRow>();
        await using var command = database.Sql(
            ReadSql, range.Start.ToUniversalTime(), range.End.ToUniversalTime(), Limits.MarginRowsMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new ShadowRow(
                reader.GetString(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetInt64(3),
                reader.GetInt64(4),
                reader.GetInt64(5),
                reader.IsDBNull(6) ? null : Currency.Of(reader.GetString(6)),
                reader.IsDBNull(7) ? null : reader.GetDecimal(7),
                reader.GetDouble(8)));
        }

        return rows;
    }
}
