using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>Grants: made, made effective, expired, taken back; and limits below zero.</summary>
internal sealed partial class Decider
{
    private GrantOutcome Create(CreateGrant request, Guid bodyHash)
    {
        if (state.TransferKeys.TryGetValue((request.Org.Value, request.Key), out var earlier))
        {
            // A grant has the id of the transfer that funded it.
            var first = new TransferId(earlier.Id);
            return earlier.BodyHash == bodyHash
                ? new GrantOutcome.Granted(new GrantId(earlier.Id), first, IsReplay: true)
                : new GrantOutcome.KeyConflict(first);
        }

        var books = state.Books[request.Org];
        var chart = books.Find(request.BillingAccount, request.Amount.Currency);
        if (chart.Grants.Count(grant => grant.State == GrantState.Open) >= Limits.OpenGrantsMax)
        {
            return new GrantOutcome.TooManyGrants(Limits.OpenGrantsMax);
        }

        var id = books.NextId(ids);
        var at = Instants.ToWholeMicros(request.At);
        var grant = chart.Open(new GrantTerms(
            new GrantId(id),
            request.BillingAccount,
            request.Source,
            request.EffectivePriority,
            request.Amount,
            request.EffectiveAt is { } effective ? Instants.ToWholeMicros(effective) : null,
            request.ExpiresAt is { } expires ? Instants.ToWholeMicros(expires) : null,
            request.Scopes,
            request.Reference,
            at));
        grant.Waits = grant.Terms!.EffectiveAt > at;
        var fact = new BusinessFact.CreditGranted(request.Amount, request.Source, grant.Terms.Id);
        var movements = Moves(fact, PostingTerms.Of(at), chart);
        if (Overflows(movements))
        {
            chart.Forget(grant);
            return new GrantOutcome.BalanceOverflow();
        }

        var content = new TransferContent(
            request.BillingAccount,
            request.Key,
            bodyHash,
            fact.Kind,
            request.Reference,
            Metadata.ToJson(request.Metadata),
            null,
            at);
        return new GrantOutcome.Granted(grant.Terms.Id, Append(books, id, content, movements), IsReplay: false);
    }

    private GrantChange Void(VoidGrant request)
    {
        if (Find(request.Org, request.Grant) is not { } grant)
        {
            return new GrantChange.NotFound();
        }

        if (grant is { EndedAt: not null, BalanceMicros: 0, HeldMicros: 0 })
        {
            return new GrantChange.NothingToMove();
        }

        if (grant.VoidedAt is null)
        {
            grant.VoidedAt = Instants.ToWholeMicros(request.At);
            draft.TouchTerms(grant);
            draft.Touch(state.Books[request.Org]);
        }

        return TakeBack(grant, request.Org, request.At, request.Reference);
    }

    private GrantChange Expire(ExpireGrant request)
    {
        if (Find(request.Org, request.Grant) is not { } grant)
        {
            return new GrantChange.NotFound();
        }

        if (grant.VoidedAt is not null)
        {
            return TakeBack(grant, request.Org, request.At, "a hold on a voided grant ended");
        }

        if (!(grant.Terms!.ExpiresAt + Limits.ExpiryGrace <= request.At))
        {
            return new GrantChange.NotDue();
        }

        return MoveRest(
            grant,
            request.Org,
            request.At,
            new BusinessFact.GrantExpired(FreeOf(grant), grant.Terms.Id),
            $"expired at {grant.Terms.ExpiresAt:O}");
    }

    private GrantChange Activate(ActivateGrant request)
    {
        if (Find(request.Org, request.Grant) is not { } grant)
        {
            return new GrantChange.NotFound();
        }

        if (grant.Terms!.EffectiveAt > request.At)
        {
            return new GrantChange.NotDue();
        }

        if (grant.Waits)
        {
            grant.Waits = false;
            draft.TouchTerms(grant);
            draft.Touch(state.Books[request.Org]);
        }

        var owed = Math.Max(0, -grant.Chart[AccountKind.Overdraft].BalanceMicros);
        var amount = FreeOf(grant) with { Micros = Math.Min(owed, grant.FreeMicros) };
        return grant.MayPay(request.At, CreateHold.NoScopes)
            ? Move(grant, request.Org, request.At, new BusinessFact.OverdraftRepaid(amount, grant.Terms.Id), "became effective")
            : new GrantChange.NothingToMove();
    }

    private CreditLimitSet Set(SetCreditLimit request)
    {
        var books = state.Books[request.Org];
        var account = books.Find(request.BillingAccount, request.Currency).Uncovered(request.Terms);
        var before = account.CreditLimitMicros;
        if (before != request.Limit?.Micros)
        {
            account.CreditLimitMicros = request.Limit?.Micros;
            draft.Touch(account);
            draft.Touch(books);
        }

        return new CreditLimitSet(before is { } micros ? new Money(micros, request.Currency) : null);
    }

    private GrantChange TakeBack(ChartAccount grant, OrgId org, DateTimeOffset at, string reference) => MoveRest(
        grant, org, at, new BusinessFact.GrantVoided(FreeOf(grant), grant.Terms!.Source, grant.Terms.Id), reference);

    private GrantChange MoveRest(ChartAccount grant, OrgId org, DateTimeOffset at, BusinessFact fact, string reference)
    {
        var moved = Move(grant, org, at, fact, reference);
        if (grant is { BalanceMicros: 0, HeldMicros: 0, EndedAt: null })
        {
            grant.EndedAt = Instants.ToWholeMicros(at);
            draft.TouchTerms(grant);
            draft.Touch(state.Books[org]);
        }

        return moved;
    }

    private GrantChange Move(ChartAccount grant, OrgId org, DateTimeOffset at, BusinessFact fact, string reference)
    {
        if (fact.Amount.Micros <= 0)
        {
            return new GrantChange.NothingToMove();
        }

        // The place in the chain makes the key: what is left may be moved again after a return or the end of a hold.
        var books = state.Books[org];
        var key = $"{Limits.OwnKeyPrefix}{fact.Kind}:{grant.Terms!.Id}:{books.TransferCount + 1}";
        var movements = Moves(fact, PostingTerms.Of(at), grant.Chart);
        var content = new TransferContent(
            grant.Chart.BillingAccount, key, grant.Id.Value, fact.Kind, reference, null, null, at);
        return new GrantChange.Done(Append(books, books.NextId(ids), content, movements), fact.Amount);
    }

    private ChartAccount? Find(OrgId org, GrantId id) =>
        state.GrantCharts.TryGetValue((org.Value, id.Value), out var key) ? state.Books[org].Find(key)?.Grant(id) : null;

    private static IReadOnlyList<Movement> Moves(BusinessFact fact, PostingTerms terms, Chart chart) =>
        ((PostingDecision.Move)Postings.Decide(fact, terms, _ => chart)).Movements;

    private static Money FreeOf(ChartAccount grant) => new(Math.Max(0, grant.FreeMicros), grant.Chart.Currency);
}
