using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>Holds: made, renewed, captured, ended.</summary>
internal sealed partial class Decider
{
    private HoldOutcome Create(CreateHold request, Guid bodyHash)
    {
        if (state.HoldKeys.TryGetValue((request.Org.Value, request.Key), out var earlier))
        {
            var first = new HoldId(earlier.Id);
            return earlier.BodyHash == bodyHash ? new HoldOutcome.Held(first, IsReplay: true) : new HoldOutcome.KeyConflict(first);
        }

        var books = state.Books[request.Org];
        var chart = books.Find(request.BillingAccount, request.Amount.Currency);
        Money? available = chart.AvailableMicros(request.Terms, request.At, request.Scopes) is { } free
            ? request.Amount with { Micros = free }
            : null;
        if (request.Within is null && request.Amount > available)
        {
            return new HoldOutcome.InsufficientFunds(available.Value);
        }

        if (request.Amount.Micros > Limits.BalanceMicrosMax - chart.Uncovered(request.Terms).HeldMicros)
        {
            return new HoldOutcome.BalanceOverflow();
        }

        if ((request.Within is null ? request.Amount : request.Within(available)) is not { } wanted)
        {
            return new HoldOutcome.Declined();
        }

        if (wanted.Micros <= 0 || wanted > request.Amount || wanted > available)
        {
            throw new InvalidOperationException($"A hold of at most {request.Amount} with {available} there was to be {wanted}.");
        }

        var hold = new HeldMoney
        {
            Org = request.Org,
            Id = ids.Next<HoldId>(),
            Chart = chart,
            Key = request.Key,
            BodyHash = bodyHash,
            Terms = request.Terms,
            Overrun = request.Overrun,
            Reference = request.Reference,
            AmountMicros = wanted.Micros,
            Parts = Reserve(chart, request, wanted.Micros),
            ExpiresAt = Instants.ToWholeMicros(request.ExpiresAt),
            CreatedAt = Instants.ToWholeMicros(request.At),
        };
        foreach (var part in hold.Parts)
        {
            draft.ChangeHeld(part.Account, part.Micros);
        }

        draft.Touch(books);
        draft.Touch(hold);
        state.HoldKeys[(request.Org.Value, request.Key)] = new Earlier(hold.Id.Value, bodyHash);
        state.Holds[(request.Org.Value, hold.Id.Value)] = hold;
        return new HoldOutcome.Held(hold.Id, IsReplay: false);
    }

    private static List<Reserved> Reserve(Chart chart, CreateHold request, long left)
    {
        var parts = new List<Reserved>(1);
        foreach (var grant in chart.Grants)
        {
            var micros = grant.MayPay(request.At, request.Scopes) ? Math.Min(left, grant.FreeMicros) : 0;
            if (micros > 0)
            {
                parts.Add(new Reserved(grant, micros));
                left -= micros;
            }

            if (left == 0)
            {
                return parts;
            }
        }

        parts.Add(new Reserved(chart.Uncovered(request.Terms), left));
        return parts;
    }

    private HoldChange Renew(RenewHold request)
    {
        if (WhyNotOpen(request.Org.Value, request.Hold.Value, request.At, out var hold) is { } reason)
        {
            return reason;
        }

        if (request.ExpiresAt > hold!.ExpiresAt)
        {
            hold.ExpiresAt = Instants.ToWholeMicros(request.ExpiresAt);
            draft.Touch(hold);
            draft.Touch(state.Books[request.Org]);
        }

        return new HoldChange.Done();
    }

    private HoldChange End(OrgId org, HoldId id, HoldState how, DateTimeOffset at)
    {
        if (!state.Holds.TryGetValue((org.Value, id.Value), out var hold))
        {
            return new HoldChange.NotFound();
        }

        if (hold.State != HoldState.Open)
        {
            return new HoldChange.AlreadyEnded(hold.State);
        }

        End(hold, how, at);
        return new HoldChange.Done();
    }

    private HoldChange Release(ReleaseHold request)
    {
        var isOpen = state.Holds.TryGetValue((request.Org.Value, request.Hold.Value), out var hold) && hold.State == HoldState.Open;
        if (isOpen && request.Part is { } other && other.Currency != hold!.Chart.Currency)
        {
            return new HoldChange.OtherCurrency(hold.Chart.Currency);
        }

        if (!isOpen || request.Part is not { } part || part.Micros >= hold!.LeftMicros)
        {
            return End(request.Org, request.Hold, HoldState.Released, request.At);
        }

        GiveBack(TakeOff(hold, part.Micros));
        draft.Touch(state.Books[request.Org]);
        return new HoldChange.Done();
    }

    private SplitOutcome Split(SplitHold request, Guid bodyHash)
    {
        if (!state.Holds.TryGetValue((request.Org.Value, request.From.Value), out var from))
        {
            return new SplitOutcome.NotFound();
        }

        if (state.HoldKeys.TryGetValue((request.Org.Value, request.Key), out var earlier))
        {
            var first = new HoldId(earlier.Id);
            return earlier.BodyHash == bodyHash ? new SplitOutcome.Made(first, IsReplay: true) : new SplitOutcome.KeyConflict(first);
        }

        if (WhyNotOpen(request.Org.Value, request.From.Value, request.At, out _) is HoldChange.AlreadyEnded ended)
        {
            return new SplitOutcome.AlreadyEnded(ended.How);
        }

        if (request.Amount.Currency != from.Chart.Currency)
        {
            return new SplitOutcome.OtherCurrency(from.Chart.Currency);
        }

        if (request.Amount.Micros > from.LeftMicros)
        {
            return new SplitOutcome.MoreThanHeld(request.Amount with { Micros = from.LeftMicros });
        }

        var hold = new HeldMoney
        {
            Org = request.Org,
            Id = ids.Next<HoldId>(),
            Chart = from.Chart,
            Key = request.Key,
            BodyHash = bodyHash,
            Terms = from.Terms,
            Overrun = from.Overrun,
            Reference = request.Reference,
            AmountMicros = request.Amount.Micros,
            Parts = TakeOff(from, request.Amount.Micros),
            ExpiresAt = Instants.ToWholeMicros(request.ExpiresAt),
            CreatedAt = Instants.ToWholeMicros(request.At),
        };
        draft.Touch(hold);
        draft.Touch(state.Books[request.Org]);
        state.HoldKeys[(request.Org.Value, request.Key)] = new Earlier(hold.Id.Value, bodyHash);
        state.Holds[(request.Org.Value, hold.Id.Value)] = hold;
        return new SplitOutcome.Made(hold.Id, IsReplay: false);
    }

    private HoldChange Expire(ExpireHold request)
    {
        var isEarly = state.Holds.TryGetValue((request.Org.Value, request.Hold.Value), out var hold)
            && hold.State == HoldState.Open
            && hold.ExpiresAt > request.At;
        return isEarly ? new HoldChange.NotDue() : End(request.Org, request.Hold, HoldState.Expired, request.At);
    }

    // A hold whose time is over is over, whether due work has come by or not.
    private HoldChange? WhyNotOpen(Guid org, Guid id, DateTimeOffset at, out HeldMoney? hold)
    {
        if (!state.Holds.TryGetValue((org, id), out hold))
        {
            return new HoldChange.NotFound();
        }

        if (hold.State == HoldState.Open && hold.ExpiresAt <= at)
        {
            End(hold, HoldState.Expired, at);
        }

        return hold.State == HoldState.Open ? null : new HoldChange.AlreadyEnded(hold.State);
    }

    private void End(HeldMoney hold, HoldState how, DateTimeOffset at)
    {
        if (draft.IsTrying)
        {
            Remember(hold);
        }

        foreach (var part in hold.Parts)
        {
            draft.ChangeHeld(part.Account, -part.Micros);
        }

        hold.Parts = [];
        hold.State = how;
        hold.EndedAt = Instants.ToWholeMicros(at);
        draft.Touch(hold);
        draft.Touch(state.Books[hold.Org]);
    }

    private void Remember(HeldMoney hold)
    {
        var (before, parts, endedAt) = (hold.State, hold.Parts, hold.EndedAt);
        draft.OnTakingBack(() => (hold.State, hold.Parts, hold.EndedAt) = (before, parts, endedAt));
    }

    private CaptureOutcome Capture(CaptureHold request, Guid bodyHash)
    {
        if (!state.Holds.TryGetValue((request.Org.Value, request.Hold.Value), out var hold))
        {
            return new CaptureOutcome.NotFound();
        }

        if (state.TransferKeys.TryGetValue((request.Org.Value, request.Key), out var earlier))
        {
            var first = new TransferId(earlier.Id);
            return earlier.BodyHash == bodyHash
                ? new CaptureOutcome.Captured(first, IsReplay: true)
                : new CaptureOutcome.KeyConflict(first);
        }

        if (WhyNotOpen(request.Org.Value, request.Hold.Value, request.At, out _) is HoldChange.AlreadyEnded ended)
        {
            return new CaptureOutcome.AlreadyEnded(ended.How);
        }

        if (request.Amount.Currency != hold.Chart.Currency)
        {
            return new CaptureOutcome.OtherCurrency(hold.Chart.Currency);
        }

        var left = hold.LeftMicros;
        if (request.Amount.Micros > left && !request.MayExceed)
        {
            return new CaptureOutcome.MoreThanHeld(request.Amount with { Micros = left });
        }

        var books = state.Books[request.Org];
        var fact = new BusinessFact.HoldCaptured(request.Amount, hold.Terms);
        var terms = new PostingTerms(request.At, hold.Parts, hold.Overrun == OverrunPolicy.Cap ? left : null);
        var movements = ((PostingDecision.Move)Postings.Decide(fact, terms, _ => hold.Chart)).Movements;
        if (Overflows(movements))
        {
            return new CaptureOutcome.BalanceOverflow();
        }

        Reduce(hold, request);
        var content = new TransferContent(
            hold.Chart.BillingAccount, request.Key, bodyHash, fact.Kind, request.Reference, null, null, request.At);
        return new CaptureOutcome.Captured(Append(books, books.NextId(ids), content, movements), IsReplay: false);
    }

    private void Reduce(HeldMoney hold, CaptureHold request)
    {
        var taken = Math.Min(request.Amount.Micros, hold.LeftMicros);
        hold.CapturedMicros += request.Amount.Micros;
        if (request.IsLast || taken == hold.LeftMicros)
        {
            End(hold, HoldState.Captured, request.At);
            return;
        }

        GiveBack(Take(hold, taken));
    }

    private void GiveBack(IReadOnlyList<Reserved> parts)
    {
        foreach (var part in parts)
        {
            draft.ChangeHeld(part.Account, -part.Micros);
        }
    }

    // What is taken and not captured is no longer its amount: that stays what it reserves and what was captured of it.
    private List<Reserved> TakeOff(HeldMoney hold, long micros)
    {
        hold.AmountMicros -= micros;
        return Take(hold, micros);
    }

    // Out of its parts, in the order in which they are spent; what is held on the accounts is the caller's.
    private List<Reserved> Take(HeldMoney hold, long micros)
    {
        var (taken, rest) = (new List<Reserved>(1), new List<Reserved>(hold.Parts.Count));
        foreach (var part in hold.Parts)
        {
            var here = Math.Min(micros, part.Micros);
            micros -= here;
            if (here > 0)
            {
                taken.Add(part with { Micros = here });
            }

            if (here < part.Micros)
            {
                rest.Add(part with { Micros = part.Micros - here });
            }
        }

        hold.Parts = rest;
        draft.Touch(hold);
        return taken;
    }
}
