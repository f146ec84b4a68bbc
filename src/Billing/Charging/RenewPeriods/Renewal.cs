using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>
/// What an account's billing periods come to at an instant, decided purely: which are opened and closed, and what is to
/// be posted so that lines hold what plans, minimums and commitments ask for.
/// </summary>
internal sealed class Renewal(
    BillingAccountProfile account, AccountPlans plans, List<PeriodState> states, DateTimeOffset instant)
{
    private readonly List<LedgerCommand> commands = [];
    private readonly List<MovedPosition> moved = [];
    private readonly List<(PeriodState State, RatingKey Key, RatingPosition Position, PositionStep Step)> minimums = [];
    private readonly Dictionary<PeriodState, string> minimumTransfers = [];
    private readonly List<(string Transfer, Func<TransferId, IdSource, DateTimeOffset, PeriodLine> Line)> lines = [];

    /// <summary>What to carry out, in order.</summary>
    public IReadOnlyList<LedgerCommand> Commands => commands;

    /// <summary>Positions that are closed by it.</summary>
    public IReadOnlyList<MovedPosition> Moved => moved;

    /// <summary>The periods as they are to be written.</summary>
    public IReadOnlyList<PeriodState> Changed => states;

    /// <summary>Opens the periods that have begun since, and moves the ends of open ones to where plans say now.</summary>
    public void Open()
    {
        foreach (var state in states.Where(state => state.ClosedAt is null))
        {
            var now = plans.PeriodAt(state.Period.Start);
            state.Period = now.Start == state.Period.Start ? now : state.Period;
        }

        for (var next = NextStart(); next <= instant; next = NextStart())
        {
            states.Add(new PeriodState(plans.PeriodAt(next.Value)));
        }
    }

    /// <summary>Charges what fees and grants have come to in open periods.</summary>
    public void Charge()
    {
        foreach (var state in states.Where(state => state.ClosedAt is null))
        {
            var terms = new PeriodTerms(plans, state.Period);
            var fee = terms.FeeMicros(instant);
            if (fee != state.FeeMicros)
            {
                var delta = fee - state.FeeMicros;
                state.FeeMicros = fee;
                AddLine(state, PeriodLineKind.PlanFee, delta, fee, terms.Leading(instant));
            }

            commands.AddRange(terms.Grants(instant).Select(Grant));
        }
    }

    /// <summary>The periods to close, and closed ones to work out anew.</summary>
    public IReadOnlyList<PeriodState> ToClose() =>
        [.. states.Where(state => state.ClosedAt is null ? state.Period.End + Limits.CloseAfter <= instant : !state.IsSettled)];

    /// <summary>Closes a period: minimums first, then what is committed against all of its usage.</summary>
    public void Close(PeriodState state, IReadOnlyDictionary<RatingKey, RatingPosition> positions)
    {
        long minimum = 0;
        foreach (var (key, position) in positions.Where(pair => !pair.Value.IsClosed))
        {
            var step = position.Parts.Count > 0 ? position.Close() : null;
            if (step is { Micros: not 0 } raised)
            {
                minimum += raised.Micros;
                minimums.Add((state, key, position, raised));
            }
            else
            {
                position.BeClosed();
            }

            moved.Add(new MovedPosition(key, position, account.Currency, step is { Micros: not 0 } ? 1 : 0));
        }

        if (minimum != 0)
        {
            minimumTransfers[state] = Post(state, "minimum", new Money(minimum, account.Currency), "minimums of a closed period");
        }

        var terms = new PeriodTerms(plans, state.Period);
        var commit = terms.CommitMicros(positions.Values.Sum(position => position.RatedMicros));
        if (commit != state.CommitMicros)
        {
            var delta = commit - state.CommitMicros;
            state.CommitMicros = commit;
            AddLine(state, PeriodLineKind.Commit, delta, commit, terms.Committed);
        }

        state.ClosedAt ??= instant;
        state.IsSettled = true;
    }

    /// <summary>When something of the account is due next; null when nothing will be.</summary>
    public DateTimeOffset? NextDue() => states
        .Where(state => state.ClosedAt is null)
        .SelectMany(state => new[]
        {
            state.Period.End + Limits.CloseAfter,
            new PeriodTerms(plans, state.Period).NextChange(instant),
        })
        .Append(NextStart())
        .Min();

    /// <summary>The lines of prices that were below their minimum.</summary>
    public List<RatedLine> MinimumLines(
        IReadOnlyDictionary<string, TransferId> transfers,
        IReadOnlyDictionary<string, MeterId> meters,
        IdSource ids,
        DateTimeOffset now) =>
    [
        .. minimums.Select(one =>
        {
            var price = one.Position.Parts[^1];
            return new RatedLine(
                ids.Next<RatedLineId>(),
                one.Key,
                price.Version.Id,
                meters[price.Version.Meter],
                one.Key.Group,
                QuarterHour.Of(one.State.Period.End.AddTicks(-1)),
                0,
                0,
                new Money(one.Step.Micros, account.Currency),
                one.Position.TotalQuantity,
                one.Position.RatedMicros,
                [],
                transfers[minimumTransfers[one.State]],
                now)
            {
                Kind = LineKind.Minimum,
                Cell = price.Cell,
                DiscountBps = price.DiscountBps,
                PriceHash = price.Version.Hash,
                Cost = new Money(one.Step.CostMicros, account.Currency),
            };
        }),
    ];

    /// <summary>The lines of fees and commitments.</summary>
    public List<PeriodLine> PeriodLines(
        IReadOnlyDictionary<string, TransferId> transfers, IdSource ids, DateTimeOffset now) =>
        [.. lines.Select(line => line.Line(transfers[line.Transfer], ids, now))];

    // The first instant not in any period of before at which the account has a plan or a contract.
    private DateTimeOffset? NextStart()
    {
        var known = states.Count == 0 ? (DateTimeOffset?)null : states.Max(state => state.Period.End);
        if (known is { } end && plans.LeadingAt(end) is not null)
        {
            return end;
        }

        return plans.Assignments
            .Where(assignment => known is null || assignment.InForce.Start > known)
            .Select(assignment => (DateTimeOffset?)plans.PeriodAt(assignment.InForce.Start).Start)
            .Min();
    }

    private CreateGrant Grant(DueGrant due) => new(
        account.OrganisationId,
        account.Id,
        due.Key,
        new Money(due.Micros, account.Currency),
        GrantSource.Plan,
        due.From,
        $"{due.Grant.Name} of the plan")
    {
        Priority = due.Grant.Priority,
        EffectiveAt = due.From,
        ExpiresAt = due.Until,
        Scopes = due.Grant.Scopes,
    };

    private void AddLine(PeriodState state, PeriodLineKind kind, long delta, long total, Assignment? assignment)
    {
        var amount = new Money(delta, account.Currency);
        var (period, isLate) = (state.Period, state.ClosedAt is not null);
        var reference = kind == PeriodLineKind.PlanFee
            ? $"{assignment?.Plan?.Family ?? "plan"} from {period.Start:yyyy-MM-dd} to {period.End:yyyy-MM-dd}"
            : $"commitment from {period.Start:yyyy-MM-dd} to {period.End:yyyy-MM-dd}";
        var transfer = Post(state, PeriodLineRowsName(kind), amount, reference);
        lines.Add((transfer, (posted, ids, now) => new PeriodLine(
            ids.Next<PeriodLineId>(),
            account.OrganisationId,
            account.Id,
            period,
            kind,
            amount,
            total,
            assignment?.Id,
            kind == PeriodLineKind.PlanFee ? assignment?.Plan?.Id : null,
            reference,
            isLate,
            posted,
            now)));
    }

    private string Post(PeriodState state, string kind, Money amount, string reference)
    {
        var key = $"{kind}:{account.Id}:{state.Period.Start.ToUnixTimeSeconds()}:{++state.LineCount}";
        BusinessFact fact = kind == PeriodLineRowsName(PeriodLineKind.PlanFee)
            ? new BusinessFact.PlanPeriod(amount)
            : new BusinessFact.Usage(amount, Posting.Terms(account));
        var occurredAt = instant < state.Period.End ? instant : state.Period.End.AddTicks(-TimeSpan.TicksPerMicrosecond);
        commands.Add(new PostTransfer(new TransferRequest(
            account.OrganisationId, account.Id, key, fact, occurredAt, reference)));
        return key;
    }

    private static string PeriodLineRowsName(PeriodLineKind kind) => PeriodLineRows.Name(kind);
}
