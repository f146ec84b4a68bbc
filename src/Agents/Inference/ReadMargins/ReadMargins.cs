using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>What margins are told apart by.</summary>
public enum MarginGroup
{
    /// <summary>By the model that answered, as <c>provider/model</c>.</summary>
    Model,

    /// <summary>By customer.</summary>
    Organisation,

    /// <summary>By day, UTC.</summary>
    Day,
}

/// <summary>Which margins.</summary>
/// <param name="From">The first instant; thirty days before <c>to</c> where left out.</param>
/// <param name="To">The first instant after, at most ninety days later; now where left out.</param>
/// <param name="GroupBy">What to tell apart.</param>
internal sealed record MarginRequest(
    DateTimeOffset? From = null, DateTimeOffset? To = null, MarginGroup GroupBy = MarginGroup.Model);

/// <summary>What is left of what customers pay for calls.</summary>
/// <param name="Name">What it is told apart by.</param>
/// <param name="Currency">The currency.</param>
/// <param name="Requests">How many calls.</param>
/// <param name="CustomerMicros">What customers pay, in micros, unrounded.</param>
/// <param name="ProviderMicros">What providers ask, in micros, unrounded.</param>
/// <param name="MarginMicros">What is left; negative where providers ask more.</param>
/// <param name="LosingRequests">Calls whose provider asks more than the customer pays.</param>
public sealed record MarginRow(
    string Name,
    Currency Currency,
    long Requests,
    decimal CustomerMicros,
    decimal ProviderMicros,
    decimal MarginMicros,
    long LosingRequests);

/// <summary>Margins over a range of time.</summary>
/// <param name="From">The first instant.</param>
/// <param name="To">The first instant after.</param>
/// <param name="Rows">The worst first.</param>
internal sealed record Margins(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<MarginRow> Rows);

/// <summary>What is left of what customers pay: for operators only.</summary>
internal sealed class ReadMargins(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary><c>GET /v1/inference/margins</c>.</summary>
    public static async Task<Results<Ok<Margins>, Problem>> Endpoint(
        Parameters<MarginRequest> parameters,
        ReadMargins handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var asked = parameters.Value;
        if (HistoryRange.Of(asked.From, asked.To, handler.Now) is not { } range)
        {
            return ReadHistory.InvalidRange();
        }

        var rows = await handler.Read(context.Caller().Org, range, asked.GroupBy, cancellationToken);
        return TypedResults.Ok(new Margins(range.Start, range.End, rows));
    }

    private DateTimeOffset Now => time.GetUtcNow();

    private const string ReadSql = """
        select
            case $4 when 'model' then provider || '/' || provider_model when 'organisation' then org_id::text
                else to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD') end,
            currency,
            count(*),
            sum(quoted_micros),
            sum(provider_micros),
            count(*) filter (where provider_micros > quoted_micros)
        from inference.requests
        where ($1::uuid is null or org_id = $1)
            and occurred_at >= $2
            and occurred_at < $3
            and quoted_micros is not null
            and provider_micros is not null
            and currency is not null
            and provider is not null
        group by 1, 2
        order by sum(quoted_micros) - sum(provider_micros), 1, 2
        limit $5
        """;

    /// <summary>Margins of one customer or, where none is named, of all.</summary>
    public async Task<IReadOnlyList<MarginRow>> Read(
        OrgId? org, Period range, MarginGroup group, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            ReadSql,
            org?.Value,
            range.Start.ToUniversalTime(),
            range.End.ToUniversalTime(),
            group.ToString().ToLowerInvariant(),
            Limits.MarginRowsMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<MarginRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var (customer, provider) = (reader.GetDecimal(3), reader.GetDecimal(4));
            rows.Add(new MarginRow(
                group == MarginGroup.Organisation ? new OrgId(Guid.Parse(reader.GetString(0))).ToString() : reader.GetString(0),
                Currency.Of(reader.GetString(1)),
                reader.GetInt64(2),
                customer,
                provider,
                customer - provider,
                reader.GetInt64(5)));
        }

        return rows;
    }
}
