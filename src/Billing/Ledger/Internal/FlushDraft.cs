using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>A transfer to be written.</summary>
internal sealed record DraftTransfer(
    Guid Org,
    Guid Id,
    Guid BillingAccount,
    string Key,
    Guid BodyHash,
    string Kind,
    string Reference,
    string? Metadata,
    Guid? Reverses,
    DateTimeOffset OccurredAt,
    DateTimeOffset RecordedAt,
    long ChainCount)
{
    public byte[] ChainHash { get; set; } = [];
}

/// <summary>An entry to be written.</summary>
internal readonly record struct DraftEntry(
    Guid Org,
    Guid Transfer,
    short Ordinal,
    Guid Account,
    AccountKind AccountKind,
    Currency Currency,
    long Micros,
    long BalanceAfterMicros);

/// <summary>
/// What a flush has decided so far: the rows to append, and which books, accounts and holds it changed. Changes are made
/// in place; what belongs together can be taken back as a whole.
/// </summary>
internal sealed class FlushDraft(IdSource ids, DateTimeOffset now)
{
    private List<Action>? undo;

    /// <summary>When the flush began.</summary>
    public DateTimeOffset Now => now;

    /// <summary>Names this flush in the books it changes.</summary>
    public Guid Id { get; } = ids.Next();

    public List<DraftTransfer> Transfers { get; } = [];

    public List<DraftEntry> Entries { get; } = [];

    public List<ChartAccount> Accounts { get; } = [];

    public List<HeldMoney> Holds { get; } = [];

    public List<OrgBooks> Books { get; } = [];

    public bool IsEmpty => Books.Count == 0;

    /// <summary>Begins changes that may be taken back.</summary>
    public void Try() => undo = [];

    /// <summary>Keeps them.</summary>
    public void Keep() => undo = null;

    /// <summary>Takes them back. What was only marked as changed stays marked, and is written as it was.</summary>
    public void TakeBack()
    {
        for (var index = undo!.Count - 1; index >= 0; index--)
        {
            undo[index]();
        }

        undo = null;
    }

    /// <summary>Whether what is changed now may be taken back.</summary>
    public bool IsTrying => undo is not null;

    /// <summary>Remembers how to take something back; only while <see cref="IsTrying"/>.</summary>
    public void OnTakingBack(Action act) => undo!.Add(act);

    /// <summary>Marks books as changed.</summary>
    public void Touch(OrgBooks books)
    {
        if (!ReferenceEquals(books.ChangedIn, this))
        {
            books.ChangedIn = this;
            Books.Add(books);
        }
    }

    /// <summary>Marks an account as changed.</summary>
    public void Touch(ChartAccount account)
    {
        if (!ReferenceEquals(account.ChangedIn, this))
        {
            account.ChangedIn = this;
            Accounts.Add(account);
        }
    }

    /// <summary>Marks a grant as changed in more than its balance.</summary>
    public void TouchTerms(ChartAccount grant)
    {
        grant.StoredState = null;
        Touch(grant);
    }

    /// <summary>Marks a hold as changed.</summary>
    public void Touch(HeldMoney hold)
    {
        if (!ReferenceEquals(hold.ChangedIn, this))
        {
            hold.ChangedIn = this;
            Holds.Add(hold);
        }
    }

    /// <summary>Changes what is held on an account.</summary>
    public void ChangeHeld(ChartAccount account, long micros)
    {
        if (IsTrying)
        {
            RememberHeld(account);
        }

        account.HeldMicros += micros;
        Touch(account);
    }

    private void RememberHeld(ChartAccount account)
    {
        var before = account.HeldMicros;
        OnTakingBack(() => account.HeldMicros = before);
    }

    /// <summary>Appends a transfer with its entries, moves the balances and the head of the chain.</summary>
    /// <returns>Its id.</returns>
    public TransferId Append(OrgBooks books, Guid id, TransferContent content, IReadOnlyList<Movement> movements)
    {
        RequireZeroSum(content.Kind, movements);
        Touch(books);
        if (IsTrying)
        {
            RememberHead(books);
        }

        books.TransferCount++;
        var recordedAt = Instants.ToWholeMicros(now);
        books.LastRecordedAt = recordedAt > books.LastRecordedAt ? recordedAt : books.LastRecordedAt;
        var transfer = new DraftTransfer(
            books.Org.Value,
            id,
            content.BillingAccount.Value,
            content.Key,
            content.BodyHash,
            content.Kind,
            content.Reference,
            content.Metadata,
            content.Reverses?.Value,
            Instants.ToWholeMicros(content.OccurredAt),
            books.LastRecordedAt,
            books.TransferCount);
        var first = Entries.Count;
        foreach (var movement in movements)
        {
            var entry = Move(books, id, (short)(Entries.Count - first), movement);
            if (movement.Micros != 0)
            {
                Entries.Add(entry);
            }
        }

        transfer.ChainHash = ChainHash.Of(
            books.Head, transfer, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(Entries)[first..]);
        books.Head = transfer.ChainHash;
        books.LastTransfer = id;
        Transfers.Add(transfer);
        return new TransferId(id);
    }

    /// <summary>All of it is written: what was decided upon is what the database has, once it is committed.</summary>
    public void MarkWritten()
    {
        foreach (var account in Accounts)
        {
            (account.IsNew, account.ChangedIn) = (false, null);
            if (account.Terms is not null)
            {
                account.StoredState = account.State;
            }
        }

        foreach (var chart in Accounts.Where(account => account.StoredState > GrantState.Open).Select(account => account.Chart))
        {
            chart.ForgetExhausted();
        }

        foreach (var books in Books)
        {
            (books.ChangedBy, books.ChangedIn) = (Id, null);
        }
    }

    private DraftEntry Move(OrgBooks books, Guid transfer, short ordinal, Movement movement)
    {
        var account = movement.Account;
        if (IsTrying)
        {
            RememberBalance(account);
        }

        account.BalanceMicros += movement.Micros;
        account.SpentMicros += movement.SpentMicros;
        if (movement.SpentMicros > 0)
        {
            account.SpentAtCount = books.TransferCount;
        }

        Touch(account);
        return new DraftEntry(
            books.Org.Value,
            transfer,
            ordinal,
            account.Id.Value,
            account.Kind,
            account.Chart.Currency,
            movement.Micros,
            account.BalanceMicros);
    }

    private void RememberBalance(ChartAccount account)
    {
        var (balance, spent, spentAt) = (account.BalanceMicros, account.SpentMicros, account.SpentAtCount);
        OnTakingBack(() => (account.BalanceMicros, account.SpentMicros, account.SpentAtCount) = (balance, spent, spentAt));
    }

    private void RememberHead(OrgBooks books)
    {
        var (count, last, recorded, head) = (books.TransferCount, books.LastTransfer, books.LastRecordedAt, books.Head);
        var (transfers, entries) = (Transfers.Count, Entries.Count);
        OnTakingBack(() =>
        {
            (books.TransferCount, books.LastTransfer, books.LastRecordedAt, books.Head) = (count, last, recorded, head);
            Transfers.RemoveRange(transfers, Transfers.Count - transfers);
            Entries.RemoveRange(entries, Entries.Count - entries);
        });
    }

    private static void RequireZeroSum(string kind, IReadOnlyList<Movement> movements)
    {
        if (movements.Count == 0)
        {
            return;
        }

        var currency = movements[0].Account.Chart.Currency;
        Int128 sum = 0;
        var isOneCurrency = true;
        foreach (var movement in movements)
        {
            sum += movement.Micros;
            isOneCurrency &= movement.Account.Chart.Currency == currency;
        }

        var isBalanced = isOneCurrency
            ? sum == 0
            : movements
                .GroupBy(movement => movement.Account.Chart.Currency)
                .All(group => group.Aggregate(Int128.Zero, (total, movement) => total + movement.Micros) == 0);
        if (!isBalanced)
        {
            throw new InvalidOperationException($"The legs of {kind} do not sum to zero.");
        }
    }
}

/// <summary>What a transfer says, beside its legs.</summary>
internal sealed record TransferContent(
    BillingAccountId BillingAccount,
    string Key,
    Guid BodyHash,
    string Kind,
    string Reference,
    string? Metadata,
    TransferId? Reverses,
    DateTimeOffset OccurredAt);

/// <summary>A hold while it is decided upon.</summary>
internal sealed class HeldMoney
{
    public required OrgId Org { get; init; }

    public required HoldId Id { get; init; }

    public required Chart Chart { get; init; }

    public required string Key { get; init; }

    public required Guid BodyHash { get; init; }

    public required PaymentTerms Terms { get; init; }

    public required OverrunPolicy Overrun { get; init; }

    public required string Reference { get; init; }

    public required long AmountMicros { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public long CapturedMicros { get; set; }

    public IReadOnlyList<Reserved> Parts { get; set; } = [];

    public HoldState State { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public FlushDraft? ChangedIn { get; set; }

    /// <summary>Whether the database has it already.</summary>
    public bool IsStored { get; init; }

    public long LeftMicros => Parts.Sum(part => part.Micros);
}
