using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>Sums the journal of calls up over time.</summary>
internal sealed class SummariseUsage(NpgsqlDataSource database, TeamCallers teams)
{
    private const string Others = "(others)";

    /// <summary><c>GET /v1/usage/summary</c>.</summary>
    public static async Task<Results<Ok<UsageSummary>, Problem>> Endpoint(
        Parameters<SummaryRequest> parameters,
        SummariseUsage handler,
        OrganisationClock clock,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (org, request) = (context.Caller().RequiredOrg, parameters.Value);
        var now = await clock.Now(org, cancellationToken);
        if (HistoryRange.Of(request.From, request.To, now) is null)
        {
            return ReadHistory.InvalidRange();
        }

        return await handler.Of(org, request, now, cancellationToken) is { } summary
            ? TypedResults.Ok(summary)
            : new Problem(
                InferenceProblems.InvalidUsageRange,
                $"Steps of {request.Step} cut the range into more than {Limits.SummaryPointsMax}.");
    }

    /// <summary>The same; null where the range is none, or too long for its steps.</summary>
    public async Task<UsageSummary?> Of(
        OrgId org, SummaryRequest request, DateTimeOffset now, CancellationToken cancellationToken) =>
        HistoryRange.Of(request, now) is (var range, var step)
            ? await Handle(org, range, step, request, cancellationToken)
            : null;

    private async Task<UsageSummary> Handle(
        OrgId org, Period range, SummaryStep step, SummaryRequest request, CancellationToken cancellationToken)
    {
        var length = range.End - range.Start;
        var before = new Period(range.Start - length, range.Start);
        var asksForTeams = request.Team is not null || request.GroupBy == SummaryGroup.Team;
        var teamsOf = asksForTeams
            ? await teams.All(org, new Period(before.Start, range.End), cancellationToken)
            : new Dictionary<string, string>();
        var sums = await Read(org, range, HistoryRange.Length(step), request, teamsOf, cancellationToken);
        var ungrouped = request with { GroupBy = SummaryGroup.None };
        var previous = await Read(org, before, length, ungrouped, teamsOf, cancellationToken);
        var starts = HistoryRange.Starts(range, step).ToArray();
        var series = sums
            .GroupBy(sum => sum.Group)
            .Select(group => Series(group.Key, [.. group], starts))
            .OrderByDescending(one => one.Totals.Costs.Sum(cost => cost.Micros))
            .ThenBy(one => one.Name, StringComparer.Ordinal);
        var totals = Total(
            request.GroupBy == SummaryGroup.Tag
                ? await Read(org, range, length, ungrouped, teamsOf, cancellationToken)
                : sums);
        return new UsageSummary(
            range.Start, range.End, step, totals, PerDay(totals, length), Total(previous), [.. series]);
    }

    private static SummarySeries Series(string? name, IReadOnlyList<Sum> sums, DateTimeOffset[] starts)
    {
        var byStart = sums.ToLookup(sum => sum.Start);
        return new SummarySeries(
            name, Total(sums), [.. starts.Select(start => new SummaryPoint(start, Total([.. byStart[start]])))]);
    }

    private static SummaryTotals Total(IReadOnlyList<Sum> sums) => new(
        sums.Sum(sum => sum.Requests),
        sums.Sum(sum => sum.Input),
        sums.Sum(sum => sum.Output),
        [
            .. sums.Where(sum => sum.Currency is not null)
                .GroupBy(sum => sum.Currency!.Value)
                .Select(group => new SummaryCost(group.Key, group.Sum(sum => sum.Micros)))
                .OrderBy(cost => cost.Currency.ToString(), StringComparer.Ordinal),
        ]);

    private static SummaryTotals PerDay(SummaryTotals totals, TimeSpan length)
    {
        var days = Math.Max(1m, length.Ticks / (decimal)TimeSpan.TicksPerDay);
        return new SummaryTotals(
            (long)(totals.Requests / days),
            (long)(totals.PromptTokens / days),
            (long)(totals.CompletionTokens / days),
            [.. totals.Costs.Select(cost => cost with { Micros = decimal.Round(cost.Micros / days, 6) })]);
    }

    // $6 what calls are told apart by; the groups beyond the largest are one.
    private const string ReadSql = """
        with calls as (
            select
                date_bin($4, occurred_at, $2) as start,
                case $6 when 'model' then model when 'key' then actor when 'project' then coalesce(project_id::text, '')
                    when 'session' then coalesce(session, '') when 'user' then coalesce(end_user, '')
                    when 'team' then coalesce(team_of.name, '') when 'tag' then coalesce(marked.name, '') end as name,
                currency,
                input_tokens + cached_read_tokens + cached_write_tokens + cached_write_hour_tokens + audio_input_tokens
                    + audio_cached_read_tokens as input,
                output_tokens + audio_output_tokens as output,
                coalesce(quoted_micros, 0) as micros
            from inference.requests
            left join unnest($13::text[], $14::text[]) as team_of (caller, name) on team_of.caller = actor
            left join lateral jsonb_array_elements_text(case $6 when 'tag' then tags end) as marked (name) on true
            where org_id = $1
                and occurred_at >= $2
                and occurred_at < $3
                and ($7::text is null or model = $7)
                and ($8::text is null or actor = $8)
                and ($10::text is null or session = $10)
                and ($11::text is null or tags @> to_jsonb($11::text))
                and ($12::text[] is null or actor = any($12))
        ), largest as (
            select name
            from calls
            group by name
            order by sum(micros) desc, count(*) desc, name
            limit $5
        )
        select
            calls.start,
            case when $6 = 'none' then null when largest.name is null then $9 else calls.name end,
            calls.currency,
            count(*),
            sum(calls.input)::bigint,
            sum(calls.output)::bigint,
            sum(calls.micros)
        from calls
        left join largest on largest.name = calls.name
        group by 1, 2, 3
        """;

    private async Task<IReadOnlyList<Sum>> Read(
        OrgId org,
        Period range,
        TimeSpan step,
        SummaryRequest request,
        IReadOnlyDictionary<string, string> teamsOf,
        CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            ReadSql,
            org.Value,
            range.Start.ToUniversalTime(),
            range.End.ToUniversalTime(),
            step,
            Limits.SummaryGroupsMax,
            request.GroupBy.ToString().ToLowerInvariant(),
            request.Model,
            request.Key,
            Others,
            request.Session,
            request.Tag,
            TeamCallers.Of(teamsOf, request.Team),
            teamsOf.Keys.ToArray(),
            teamsOf.Values.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sums = new List<Sum>();
        while (await reader.ReadAsync(cancellationToken))
        {
            sums.Add(new Sum(
                reader.GetFieldValue<DateTimeOffset>(0),
                NameOf(request.GroupBy, reader.IsDBNull(1) ? null : reader.GetString(1)),
                reader.IsDBNull(2) ? null : Currency.Of(reader.GetString(2)),
                reader.GetInt64(3),
                reader.GetInt64(4),
                reader.GetInt64(5),
                reader.GetDecimal(6)));
        }

        return sums;
    }

    // Projects are stored bare; whoever has none is shown as none.
    private static string? NameOf(SummaryGroup group, string? stored) =>
        group == SummaryGroup.Project && Guid.TryParse(stored, out var project) ? new ProjectId(project).ToString() : stored;

    private sealed record Sum(
        DateTimeOffset Start, string? Group, Currency? Currency, long Requests, long Input, long Output, decimal Micros);
}
