using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>
/// Decides commands one after the other, each on what the ones before it left. Reads and changes only what is in
/// memory: the flush has locked and read it, and writes what became of it.
/// </summary>
internal sealed partial class Decider(FlushState state, FlushDraft draft, IdSource ids)
{
    /// <summary>Carries a command out; the answer is its own kind of outcome.</summary>
    public object Decide(HashedCommand hashed) => hashed.Command switch
    {
        PostTransfer post => Post(post.Transfer, hashed.BodyHash),
        PostLinkedTransfers linked => PostLinked(linked),
        CreateHold create => Create(create, hashed.BodyHash),
        RenewHold renew => Renew(renew),
        ReleaseHold release => Release(release),
        SplitHold split => Split(split, hashed.BodyHash),
        ExpireHold expire => Expire(expire),
        CaptureHold capture => Capture(capture, hashed.BodyHash),
        CreateGrant create => Create(create, hashed.BodyHash),
        VoidGrant @void => Void(@void),
        ExpireGrant expire => Expire(expire),
        ActivateGrant activate => Activate(activate),
        SetCreditLimit set => Set(set),
        _ => throw new ArgumentOutOfRangeException(nameof(hashed), hashed, "Not a ledger command."),
    };

    private PostOutcome Post(TransferRequest request, Guid bodyHash)
    {
        if (state.TransferKeys.TryGetValue((request.Org.Value, request.Key), out var earlier))
        {
            var first = new TransferId(earlier.Id);
            return earlier.BodyHash == bodyHash ? new PostOutcome.Posted(first, IsReplay: true) : new PostOutcome.KeyConflict(first);
        }

        var original = (request.Fact as BusinessFact.Reversal)?.Original;
        if (original is { } reversed && state.Reversals.TryGetValue((request.Org.Value, reversed.Value), out var by))
        {
            return new PostOutcome.AlreadyReversed(new TransferId(by));
        }

        var books = state.Books[request.Org];
        var holds = OpenHolds(request);
        var terms = holds.Count == 0 ? PostingTerms.Of(request.OccurredAt) : Reserving(holds, request);
        var decision = Postings.Decide(request.Fact, terms, currency => books.Find(request.BillingAccount, currency));
        switch (decision)
        {
            case PostingDecision.InsufficientFunds refusal:
                return new PostOutcome.InsufficientFunds(refusal.Available);
            case PostingDecision.NoSuchGrant refusal:
                return new PostOutcome.NoSuchGrant(refusal.Grant);
        }

        var movements = ((PostingDecision.Move)decision).Movements;
        if (Overflows(movements))
        {
            return new PostOutcome.BalanceOverflow();
        }

        foreach (var hold in holds)
        {
            End(hold, HoldState.Released, request.OccurredAt);
        }

        var content = new TransferContent(
            request.BillingAccount,
            request.Key,
            bodyHash,
            request.Fact.Kind,
            request.Reference,
            Metadata.ToJson(request.Metadata),
            original,
            request.OccurredAt);
        var id = Append(books, books.NextId(ids), content, movements);
        if (original is { } undone)
        {
            Remember((request.Org.Value, undone.Value), id);
        }

        return new PostOutcome.Posted(id, IsReplay: false);
    }

    private LinkedOutcome PostLinked(PostLinkedTransfers linked)
    {
        var posted = new List<PostOutcome.Posted>(linked.Transfers.Count);
        draft.Try();
        foreach (var (index, transfer) in linked.Transfers.Index())
        {
            var outcome = Post(transfer, BodyHash.Of(transfer));
            if (outcome is not PostOutcome.Posted done)
            {
                draft.TakeBack();
                return new LinkedOutcome.Refused(index, outcome);
            }

            posted.Add(done);
        }

        draft.Keep();
        return new LinkedOutcome.Posted(posted);
    }

    private TransferId Append(OrgBooks books, Guid id, TransferContent content, IReadOnlyList<Movement> movements)
    {
        var key = (books.Org.Value, content.Key);
        state.TransferKeys[key] = new Earlier(id, content.BodyHash);
        if (draft.IsTrying)
        {
            ForgetWhenTakenBack(key);
        }

        return draft.Append(books, id, content, movements);
    }

    private void ForgetWhenTakenBack((Guid Org, string Key) key) => draft.OnTakingBack(() => state.TransferKeys.Remove(key));

    private void Remember((Guid Org, Guid Original) reversed, TransferId by)
    {
        state.Reversals[reversed] = by.Value;
        if (draft.IsTrying)
        {
            draft.OnTakingBack(() => state.Reversals.Remove(reversed));
        }
    }

    private List<HeldMoney> OpenHolds(TransferRequest request)
    {
        if (request.Releases.Count == 0)
        {
            return [];
        }

        return [.. request.Releases
            .Distinct()
            .Select(id => state.Holds.GetValueOrDefault((request.Org.Value, id.Value)))
            .OfType<HeldMoney>()
            .Where(hold => hold.State == HoldState.Open
                && hold.Chart.BillingAccount == request.BillingAccount
                && hold.Chart.Currency == request.Fact.Amount.Currency)];
    }

    // Where every hold is capped, the customer pays no more than they reserve. Of one that has ended nobody knows here what
    // it reserved: then all that is above the others would fall on the operator, so nothing is capped.
    private static PostingTerms Reserving(List<HeldMoney> holds, TransferRequest request)
    {
        Reserved[] parts = [.. holds.SelectMany(hold => hold.Parts)];
        var isCapped = holds.All(hold => hold.Overrun == OverrunPolicy.Cap) && holds.Count == request.Releases.Distinct().Count();
        return new PostingTerms(request.OccurredAt, parts, isCapped ? parts.Sum(part => part.Micros) : null);
    }

    private static bool Overflows(IReadOnlyList<Movement> movements)
    {
        foreach (var movement in movements)
        {
            Int128 after = movement.Account.BalanceMicros;
            foreach (var other in movements)
            {
                after += ReferenceEquals(other.Account, movement.Account) ? other.Micros : 0;
            }

            if (after > Limits.BalanceMicrosMax || after < -Limits.BalanceMicrosMax)
            {
                return true;
            }
        }

        return false;
    }
}
