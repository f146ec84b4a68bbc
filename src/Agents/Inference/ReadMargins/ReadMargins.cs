using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Accounts;
using Quoin.Inference.Internal;
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

    /// <summary>By the day they were written down, UTC.</summary>
    Day,
}

/// <summary>Which margins.</summary>
/// <param name="From">The first instant; thirty days before <c>to</c> where left out.</param>
/// <param name="To">The first instant after, at most ninety days later; now where left out.</param>
/// <param name="GroupBy">What to tell apart.</param>
internal sealed record MarginRequest(
    DateTimeOffset? From = null, DateTimeOffset? To = null, MarginGroup GroupBy = MarginGroup.Model);

/// <summary>
/// What is left of what customers pay for calls. Organisations in test mode pay play money, which counts for nothing; what
/// providers ask for their calls is real, and counts.
/// </summary>
/// <param name="Name">What it is told apart by.</param>
/// <param name="Currency">The currency.</param>
/// <param name="Requests">How many calls.</param>
/// <param name="CustomerMicros">What customers pay, in micros, unrounded.</param>
/// <param name="ProviderMicros">What providers ask, in micros, unrounded.</param>
/// <param name="MarginMicros">What is left; negative where providers ask more.</param>
/// <param name="LosingRequests">
/// Calls whose provider asks more than the customer pays, without those of organisations in test mode.
/// </param>
/// <param name="TestProviderMicros">
/// Of what providers ask, what calls of organisations in test mode come to, in micros, unrounded; nobody pays for it.
/// </param>
public sealed record MarginRow(
    string Name,
    Currency Currency,
    long Requests,
    decimal CustomerMicros,
    decimal ProviderMicros,
    decimal MarginMicros,
    long LosingRequests,
    decimal TestProviderMicros);

/// <summary>The same for all calls of a currency, those in rows that are left out, too.</summary>
/// <param name="Currency">The currency.</param>
/// <param name="Requests">How many calls.</param>
/// <param name="CustomerMicros">What customers pay, in micros, unrounded.</param>
/// <param name="ProviderMicros">What providers ask, in micros, unrounded.</param>
/// <param name="MarginMicros">What is left; negative where providers ask more.</param>
/// <param name="LosingRequests">
/// Calls whose provider asks more than the customer pays, without those of organisations in test mode.
/// </param>
/// <param name="TestProviderMicros">
/// Of what providers ask, what calls of organisations in test mode come to, in micros, unrounded; nobody pays for it.
/// </param>
public sealed record MarginTotal(
    Currency Currency,
    long Requests,
    decimal CustomerMicros,
    decimal ProviderMicros,
    decimal MarginMicros,
    long LosingRequests,
    decimal TestProviderMicros);

/// <summary>Margins, told apart and in all.</summary>
/// <param name="Rows">The worst first.</param>
/// <param name="RowsLeftOut">How many more rows there would be.</param>
/// <param name="Totals">All calls, by currency.</param>
public sealed record MarginTable(IReadOnlyList<MarginRow> Rows, long RowsLeftOut, IReadOnlyList<MarginTotal> Totals);

/// <summary>Margins over a range of time.</summary>
/// <param name="From">The first instant.</param>
/// <param name="To">The first instant after.</param>
/// <param name="Rows">The worst first.</param>
/// <param name="RowsLeftOut">How many more rows there would be: only the worst are shown.</param>
/// <param name="Totals">All calls, by currency, those in rows that are left out, too.</param>
internal sealed record Margins(
    DateTimeOffset From,
    DateTimeOffset To,
    IReadOnlyList<MarginRow> Rows,
    long RowsLeftOut,
    IReadOnlyList<MarginTotal> Totals);

/// <summary>
/// What is left of what customers pay: for operators only, and by the operator's clock, when each call was written down; a
/// customer may move theirs.
/// </summary>
internal sealed class ReadMargins(NpgsqlDataSource database, Organisations organisations, TimeProvider time)
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

        var (rows, leftOut, totals) = await handler.Read(context.Caller().Org, range, asked.GroupBy, cancellationToken);
        return TypedResults.Ok(new Margins(range.Start, range.End, rows, leftOut, totals));
    }

    private DateTimeOffset Now => time.GetUtcNow();

    private const string CallersSql = """
        select distinct org_id
        from inference.requests
        where ($1::uuid is null or org_id = $1)
            and recorded_at >= $2
            and recorded_at < $3
        """;

    // $5 those whose money is play money; $7 answers them for nothing, so that nothing of such a call is real.
    private const string ReadSql = """
        with calls as (
            select
                case $4 when 'model' then provider || '/' || provider_model when 'organisation' then org_id::text
                    else to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD') end as name,
                currency,
                org_id = any($5) as is_test,
                quoted_micros,
                provider_micros
            from inference.requests
            where ($1::uuid is null or org_id = $1)
                and recorded_at >= $2
                and recorded_at < $3
                and quoted_micros is not null
                and provider_micros is not null
                and currency is not null
                and provider is not null
                and not (org_id = any($5) and provider = $7)
        ), sums as (
            select
                grouping(name) as is_total,
                name,
                currency,
                count(*) as requests,
                coalesce(sum(quoted_micros) filter (where not is_test), 0) as customers,
                sum(provider_micros) as providers,
                count(*) filter (where not is_test and provider_micros > quoted_micros) as losing,
                coalesce(sum(provider_micros) filter (where is_test), 0) as tests
            from calls
            group by grouping sets ((name, currency), (currency))
        ), ranked as (
            select
                *,
                row_number() over (partition by is_total order by customers - providers, name, currency) as place,
                count(*) over (partition by is_total) as places
            from sums
        )
        select name, currency, requests, customers, providers, losing, tests, places
        from ranked
        where is_total = 1
            or place <= $6
        order by is_total, place
        """;

    /// <summary>Margins of one customer or, where none is named, of all.</summary>
    public async Task<MarginTable> Read(OrgId? org, Period range, MarginGroup group, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            ReadSql,
            org?.Value,
            range.Start.ToUniversalTime(),
            range.End.ToUniversalTime(),
            group.ToString().ToLowerInvariant(),
            await InTestMode(org, range, cancellationToken),
            Limits.MarginRowsMax,
            DemoModels.ProviderName);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (rows, leftOut, totals) = (new List<MarginRow>(), 0L, new List<MarginTotal>());
        while (await reader.ReadAsync(cancellationToken))
        {
            var total = TotalAt(reader);
            if (reader.IsDBNull(0))
            {
                totals.Add(total);
                continue;
            }

            var name = reader.GetString(0);
            leftOut = Math.Max(0, reader.GetInt64(7) - Limits.MarginRowsMax);
            rows.Add(new MarginRow(
                group == MarginGroup.Organisation ? new OrgId(Guid.Parse(name)).ToString() : name,
                total.Currency,
                total.Requests,
                total.CustomerMicros,
                total.ProviderMicros,
                total.MarginMicros,
                total.LosingRequests,
                total.TestProviderMicros));
        }

        return new MarginTable(rows, leftOut, totals);
    }

    private static MarginTotal TotalAt(NpgsqlDataReader reader)
    {
        var (customers, providers) = (reader.GetDecimal(3), reader.GetDecimal(4));
        return new MarginTotal(
            Currency.Of(reader.GetString(1)),
            reader.GetInt64(2),
            customers,
            providers,
            customers - providers,
            reader.GetInt64(5),
            reader.GetDecimal(6));
    }

    private async Task<Guid[]> InTestMode(OrgId? org, Period range, CancellationToken cancellationToken)
    {
        var callers = new List<OrgId>();
        await using (var command = database.Sql(
            CallersSql, org?.Value, range.Start.ToUniversalTime(), range.End.ToUniversalTime()))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                callers.Add(new OrgId(reader.GetGuid(0)));
            }
        }

        var known = await organisations.FindMany(callers, cancellationToken);
        return [.. known.Values.Where(one => one.Mode == OrganisationMode.Test).Select(one => one.Id.Value)];
    }
}
