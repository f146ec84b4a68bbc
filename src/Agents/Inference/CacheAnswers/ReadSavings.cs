using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>Which savings.</summary>
/// <param name="From">From this instant on, by the organisation's clock; the last thirty days where left out.</param>
/// <param name="To">Before this instant; now where left out.</param>
internal sealed record SavingsRange(DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <summary>What answering from the cache saved with one model.</summary>
/// <param name="Model">The model, as clients named it.</param>
/// <param name="Calls">How many calls were answered so.</param>
/// <param name="Currency">Of the money; null where it was not known.</param>
/// <param name="SavedMicros">What they would have cost, in micros, unrounded.</param>
public sealed record Saving(string Model, long Calls, Currency? Currency, decimal SavedMicros);

/// <summary>What answering from the cache saved.</summary>
/// <param name="Data">By model, the most saving first.</param>
internal sealed record Savings(IReadOnlyList<Saving> Data);

/// <summary>What giving one answer again saved.</summary>
/// <param name="AnsweredAs">The call that the answer was made for.</param>
/// <param name="Currency">Of the money; null where it was not known.</param>
/// <param name="SavedMicros">What it would have cost, in micros, unrounded.</param>
public sealed record GivenAgain(CallId AnsweredAs, Currency? Currency, decimal SavedMicros);

/// <summary>Shows what giving answers again has saved.</summary>
internal sealed class ReadSavings(NpgsqlDataSource database, OrganisationClock clock)
{
    /// <summary><c>GET /v1/inference/savings</c>.</summary>
    public static async Task<Results<Ok<Savings>, Problem>> Endpoint(
        Parameters<SavingsRange> parameters, ReadSavings handler, HttpContext context, CancellationToken cancellationToken)
    {
        var (org, asked) = (context.Caller().RequiredOrg, parameters.Value);
        var now = await handler.Now(org, cancellationToken);
        return HistoryRange.Of(asked.From, asked.To, now, Limits.SavingsLongest) is { } range
            ? TypedResults.Ok(new Savings(await handler.Read(org, range, cancellationToken)))
            : new Problem(
                InferenceProblems.InvalidUsageRange,
                $"from must be before to, at most a year before, and both from {Limits.HistoryEarliest.Year} on and before "
                    + $"{Limits.HistoryLatest.Year}.");
    }

    private async Task<DateTimeOffset> Now(OrgId org, CancellationToken cancellationToken) =>
        (await clock.Now(org, cancellationToken)).AddSeconds(1);

    private const string ReadSql = """
        select model, count(*), currency, sum(saved_micros) as saved
        from inference.savings
        where org_id = $1
            and occurred_at >= $2
            and occurred_at < $3
        group by model, currency
        order by saved desc, model
        limit $4
        """;

    /// <summary>What was saved in a range of time, by model, the most saving first.</summary>
    public async Task<IReadOnlyList<Saving>> Read(OrgId org, Period range, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            ReadSql, org.Value, range.Start.ToUniversalTime(), range.End.ToUniversalTime(), Limits.MarginRowsMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<Saving>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new Saving(
                reader.GetString(0),
                reader.GetInt64(1),
                reader.IsDBNull(2) ? null : Kernel.Currency.Of(reader.GetString(2)),
                reader.GetDecimal(3)));
        }

        return rows;
    }

    private const string FindSql = """
        select answered_as, currency, saved_micros
        from inference.savings
        where org_id = $1
            and request_id = $2
        """;

    /// <summary>What giving an answer again saved with one call; null where it was answered by somebody.</summary>
    public async Task<GivenAgain?> Find(OrgId org, CallId call, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindSql, org.Value, call.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new GivenAgain(
                new CallId(reader.GetGuid(0)),
                reader.IsDBNull(1) ? null : Kernel.Currency.Of(reader.GetString(1)),
                reader.GetDecimal(2))
            : null;
    }
}
