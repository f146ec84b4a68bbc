using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Tests.Simulation.Books;

/// <summary>Grants and holds.</summary>
internal sealed partial class BooksModel
{
    private Expected Create(CreateGrant request)
    {
        if (Earlier(request.Key, Body.Of(request)) is { } earlier)
        {
            return earlier;
        }

        var chart = Chart(request.BillingAccount, request.Amount.Currency);
        var kind = $"credit_{request.Source.ToString().ToLowerInvariant()}";
        var transfer = Begin(request.BillingAccount, request.Key, Body.Of(request), kind);
        var grant = new ModelAccount
        {
            Name = transfer.Name,
            Kind = AccountKind.Grants,
            Currency = request.Amount.Currency,
            Terms = request,
            Age = transfer.Count,
        };
        var payer = request.Source == GrantSource.Purchased ? AccountKind.ProcessorClearing : AccountKind.PromotionalCost;
        Flow(transfer, chart[payer], grant, request.Amount.Micros);
        chart.Grants.Add(grant);
        if (request.Scopes.Count == 0 && grant.MayPay(request.At, null))
        {
            Repay(transfer, chart, grant);
        }

        return new Expected("*", transfer.Name);
    }

    private static void Repay(ModelTransfer transfer, ModelChart chart, ModelAccount grant)
    {
        var micros = Math.Min(grant.Free, Math.Max(0, -chart[AccountKind.Overdraft].Balance));
        if (micros > 0)
        {
            transfer.Spend(grant, micros);
            transfer.GiveBack(chart[AccountKind.Overdraft], micros);
        }
    }

    private Expected Void(VoidGrant request)
    {
        if (Grant(request.Grant) is not { } grant)
        {
            return new Expected(nameof(GrantChange.NotFound));
        }

        if (grant is { HasEnded: true, Balance: 0, Held: 0 })
        {
            return new Expected(nameof(GrantChange.NothingToMove));
        }

        grant.IsVoided = true;
        return MoveRest(grant, TakenBack(grant), Funder(grant));
    }

    private Expected Expire(ExpireGrant request)
    {
        if (Grant(request.Grant) is not { } grant)
        {
            return new Expected(nameof(GrantChange.NotFound));
        }

        if (grant.IsVoided)
        {
            return MoveRest(grant, TakenBack(grant), Funder(grant));
        }

        // Late usage is paid from it for a day.
        return grant.Terms!.ExpiresAt is { } end && request.At >= end.AddHours(24)
            ? MoveRest(grant, "grant_expired", AccountKind.Breakage)
            : new Expected(nameof(GrantChange.NotDue));
    }

    private static string TakenBack(ModelAccount grant) => $"grant_voided_{grant.Terms!.Source.ToString().ToLowerInvariant()}";

    private static AccountKind Funder(ModelAccount grant) =>
        grant.Terms!.Source == GrantSource.Purchased ? AccountKind.ProcessorClearing : AccountKind.PromotionalCost;

    private Expected MoveRest(ModelAccount grant, string kind, AccountKind to)
    {
        var answer = new Expected(nameof(GrantChange.NothingToMove));
        if (grant.Free > 0)
        {
            var (transfer, chart) = BeginOwn(grant, kind);
            answer = new Expected($"moved {grant.Free} by *", transfer.Name);
            Flow(transfer, grant, chart[to], grant.Free);
        }

        grant.HasEnded |= grant is { Balance: 0, Held: 0 };
        return answer;
    }

    private Expected Activate(ActivateGrant request)
    {
        if (Grant(request.Grant) is not { } grant)
        {
            return new Expected(nameof(GrantChange.NotFound));
        }

        if (grant.Terms!.EffectiveAt > request.At)
        {
            return new Expected(nameof(GrantChange.NotDue));
        }

        var owed = -Chart(grant.Terms.BillingAccount, grant.Currency)[AccountKind.Overdraft].Balance;
        if (Math.Min(owed, grant.Free) <= 0 || !grant.MayPay(request.At, null))
        {
            return new Expected(nameof(GrantChange.NothingToMove));
        }

        var (transfer, chart) = BeginOwn(grant, "overdraft_repaid");
        Repay(transfer, chart, grant);
        return new Expected($"moved {transfer.Moved[chart[AccountKind.Overdraft]]} by *", transfer.Name);
    }

    private (ModelTransfer Transfer, ModelChart Chart) BeginOwn(ModelAccount grant, string kind)
    {
        var id = new GrantId(names.Id(grant.Name)!.Value);
        var account = grant.Terms!.BillingAccount;
        return (Begin(account, $"ledger:{kind}:{id}:{Chain.Count + 1}", "ours", kind), Chart(account, grant.Currency));
    }

    private Expected Set(SetCreditLimit request)
    {
        var account = Chart(request.BillingAccount, request.Currency).Uncovered(request.Terms);
        var before = account.Limit;
        account.Limit = request.Limit?.Micros;
        return new Expected(before is { } micros ? $"was {micros}" : "was none");
    }

    private ModelAccount? Grant(GrantId id) =>
        names.Of(id.Value) is { } name ? Accounts.FirstOrDefault(account => account.Terms is not null && account.Name == name) : null;

    private Expected Create(CreateHold request)
    {
        if (holds.TryGetValue(request.Key, out var earlier))
        {
            return new Expected(earlier.Body == Body.Of(request) ? "* again" : "conflict with *", earlier.Name);
        }

        var chart = Chart(request.BillingAccount, request.Amount.Currency);
        if (chart.Available(request.Terms, request.At, request.Scopes) is { } available && request.Amount.Micros > available)
        {
            return new Expected($"only {available}");
        }

        var hold = new ModelHold
        {
            Name = $"hold {request.Key}",
            Body = Body.Of(request),
            Terms = request,
            Chart = chart,
            Amount = request.Amount.Micros,
            ExpiresAt = request.ExpiresAt,
        };
        foreach (var grant in chart.BurnOrder().Where(grant => grant.MayPay(request.At, request.Scopes)))
        {
            hold.Reserve(grant, Math.Min(grant.Free, request.Amount.Micros - hold.Left));
        }

        hold.Reserve(chart.Uncovered(request.Terms), request.Amount.Micros - hold.Left);
        holds.Add(request.Key, hold);
        return new Expected("*", hold.Name);
    }

    private Expected Renew(RenewHold request)
    {
        if (OpenHold(request.Hold, request.At, out var hold) is { } ended)
        {
            return ended;
        }

        hold!.ExpiresAt = hold.ExpiresAt > request.ExpiresAt ? hold.ExpiresAt : request.ExpiresAt;
        return new Expected(nameof(HoldChange.Done));
    }

    private Expected End(HoldId id, HoldState how, Func<ModelHold, bool> isTime)
    {
        if (Hold(id) is not { } hold)
        {
            return new Expected(nameof(HoldChange.NotFound));
        }

        if (hold.State != HoldState.Open)
        {
            return new Expected($"already {hold.State}");
        }

        if (!isTime(hold))
        {
            return new Expected(nameof(HoldChange.NotDue));
        }

        hold.End(how);
        return new Expected(nameof(HoldChange.Done));
    }

    private Expected GiveBack(HoldId id, Money part)
    {
        if (Hold(id) is { State: HoldState.Open } hold)
        {
            if (part.Currency != hold.Terms.Amount.Currency)
            {
                return new Expected($"holds {hold.Terms.Amount.Currency}");
            }

            if (part.Micros < hold.Left)
            {
                TakeOff(hold, part.Micros);
                return new Expected(nameof(HoldChange.Done));
            }
        }

        return End(id, HoldState.Released, _ => true);
    }

    private Expected Split(SplitHold request)
    {
        if (Hold(request.From) is null)
        {
            return new Expected(nameof(SplitOutcome.NotFound));
        }

        if (holds.TryGetValue(request.Key, out var earlier))
        {
            return new Expected(earlier.Body == Body.Of(request) ? "* again" : "conflict with *", earlier.Name);
        }

        if (OpenHold(request.From, request.At, out var from) is { } ended)
        {
            return ended;
        }

        if (request.Amount.Currency != from!.Terms.Amount.Currency)
        {
            return new Expected($"holds {from.Terms.Amount.Currency}");
        }

        if (request.Amount.Micros > from.Left)
        {
            return new Expected($"holds only {from.Left}");
        }

        var hold = new ModelHold
        {
            Name = $"hold {request.Key}",
            Body = Body.Of(request),
            Terms = from.Terms with { Key = request.Key, Amount = request.Amount },
            Chart = from.Chart,
            Amount = request.Amount.Micros,
            ExpiresAt = request.ExpiresAt,
        };
        foreach (var (account, micros) in TakeOff(from, request.Amount.Micros))
        {
            hold.Reserve(account, Math.Min(micros, request.Amount.Micros - hold.Left));
        }

        holds.Add(request.Key, hold);
        return new Expected("*", hold.Name);
    }

    private static List<(ModelAccount Account, long Micros)> TakeOff(ModelHold hold, long micros)
    {
        var parts = hold.Parts;
        hold.End(HoldState.Released);
        KeepRest(hold, parts, micros);
        hold.Amount -= micros;
        return parts;
    }

    private Expected Capture(CaptureHold request)
    {
        if (Hold(request.Hold) is null)
        {
            return new Expected(nameof(CaptureOutcome.NotFound));
        }

        if (Earlier(request.Key, Body.Of(request)) is { } earlier)
        {
            return earlier;
        }

        if (OpenHold(request.Hold, request.At, out var hold) is { } ended)
        {
            return ended;
        }

        var (micros, left) = (request.Amount.Micros, hold!.Left);
        if (request.Amount.Currency != hold.Terms.Amount.Currency)
        {
            return new Expected($"holds {hold.Terms.Amount.Currency}");
        }

        if (micros > left && !request.MayExceed)
        {
            return new Expected($"holds only {left}");
        }

        var prepaid = hold.Terms.Terms == PaymentTerms.Prepaid;
        var transfer = Begin(
            hold.Terms.BillingAccount, request.Key, Body.Of(request), prepaid ? "capture_prepaid" : "capture_postpaid");
        var (parts, rest) = (hold.Parts, prepaid ? AccountKind.Overdraft : AccountKind.Receivable);
        hold.End(HoldState.Captured);
        hold.Captured += micros;
        var cap = hold.Terms.Overrun == OverrunPolicy.Cap ? left : (long?)null;
        Pay(transfer, hold.Chart, rest, new Payment(request.At, parts, cap), [(micros, null)]);
        transfer.Move(hold.Chart[AccountKind.Revenue], micros);
        if (!request.IsLast && micros < left)
        {
            KeepRest(hold, parts, micros);
        }

        return new Expected("*", transfer.Name);
    }

    private static void KeepRest(ModelHold hold, List<(ModelAccount Account, long Micros)> parts, long taken)
    {
        hold.State = HoldState.Open;
        foreach (var (account, micros) in parts)
        {
            var gone = Math.Min(taken, micros);
            taken -= gone;
            hold.Reserve(account, micros - gone);
        }
    }

    private Expected? OpenHold(HoldId id, DateTimeOffset at, out ModelHold? hold)
    {
        hold = Hold(id);
        if (hold is null)
        {
            return new Expected(nameof(HoldChange.NotFound));
        }

        if (hold.State == HoldState.Open && hold.ExpiresAt <= at)
        {
            hold.End(HoldState.Expired);
        }

        return hold.State == HoldState.Open ? null : new Expected($"already {hold.State}");
    }

    private ModelHold? Hold(HoldId id) =>
        names.Of(id.Value) is { } name ? holds.Values.FirstOrDefault(hold => hold.Name == name) : null;
}
