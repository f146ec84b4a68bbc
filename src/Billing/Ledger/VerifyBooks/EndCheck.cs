using Quoin.Kernel;

namespace Quoin.Ledger.VerifyBooks;

/// <summary>
/// Compares what the chain came to with what the database says of the same instant: (1) the head of the books; (2) what
/// was anchored beyond it; (3) accounts; (4) holds; (5) grants. Pure.
/// </summary>
internal sealed class EndCheck(OrgId org, ChainPosition end, BooksSnapshot stored, OrgAccounts accounts, OrgFindings findings)
{
    public void Check(AnchoredHead? anchored)
    {
        if (stored.Books is { } books)
        {
            CheckHead(books);
        }
        else if (!end.IsGenesis || end.Entries > 0 || stored.Accounts.Count > 0 || stored.Grants.Count > 0)
        {
            Report(FindingKind.BooksMissing, null, "the books of this organisation", $"none, and {end.Transfers} transfers");
        }

        CheckAnchor(anchored);
        foreach (var account in accounts.All)
        {
            Check(account);
        }

        foreach (var hold in stored.UnevenHolds)
        {
            Report(
                FindingKind.HoldDiffers,
                hold.Accounts.Length == 0 ? null : hold.Accounts[0],
                $"{new HoldId(hold.Id)} to reserve its amount less what was captured",
                $"{hold.ReservedMicros} micros of {hold.AmountMicros}, {hold.CapturedMicros} captured");
        }

        foreach (var grant in accounts.Grants)
        {
            Check(grant);
        }
    }

    private void CheckHead(StoredBooks books)
    {
        var isHead = books.TransferCount == end.Count
            && books.LastTransfer == end.LastTransfer
            && books.HeadHash.AsSpan().SequenceEqual(end.Head);
        if (!isHead)
        {
            var missing = (Int128)books.TransferCount - end.Count;
            var last = end.IsGenesis ? (TransferId?)null : new TransferId(end.LastTransfer);
            findings.Add(new BooksFinding(
                FindingKind.HeadDiffers,
                org,
                last,
                null,
                $"books that end at number {end.Count} with the hash {Convert.ToHexStringLower(end.Head)}, as the chain does",
                $"number {books.TransferCount}, {new TransferId(books.LastTransfer)}, {Convert.ToHexStringLower(books.HeadHash)}"
                    + (missing > 0 ? $": {missing} missing at the end" : string.Empty)));
        }
        else if (!end.IsGenesis && books.LastRecordedAtMicros != end.LastRecordedAtMicros)
        {
            Report(
                FindingKind.HeadDiffers,
                null,
                $"the last recording {end.LastRecordedAtMicros} micros after 1970",
                $"{books.LastRecordedAtMicros}");
        }
    }

    private void CheckAnchor(AnchoredHead? anchored)
    {
        if (anchored is null)
        {
            return;
        }

        if (stored.Books is null && end.IsGenesis)
        {
            Report(
                FindingKind.OrganisationMissing,
                null,
                $"books with {anchored.TransferCount} transfers, as they were anchored",
                "nothing: the organisation was removed as a whole, or this is another database");
        }
        else if (anchored.TransferCount > end.Count)
        {
            findings.Add(new BooksFinding(
                FindingKind.AnchorDiffers,
                org,
                anchored.LastTransfer,
                null,
                $"the anchored transfer as number {anchored.TransferCount}",
                $"a chain that ends at number {end.Count}: its tail was cut, or this database was restored from before the anchor"));
        }
    }

    private void Check(AccountTally account)
    {
        if (account.Stored is not { } row)
        {
            return;
        }

        if (row.BalanceMicros != account.BalanceMicros)
        {
            Report(
                FindingKind.BalanceDiffers, account.Id, $"{account.BalanceMicros} micros, as after its last entry", $"{row.BalanceMicros}");
        }

        var held = stored.Held.GetValueOrDefault(account.Id);
        if (row.HeldMicros != held)
        {
            Report(FindingKind.HeldDiffers, account.Id, $"{held} micros, as open holds reserve", $"{row.HeldMicros}");
        }

        var isPossible = row.IsPayer
            ? row.SpentMicros <= account.PaidMicros && row.SpentMicros >= -account.ReceivedMicros
            : row.SpentMicros == 0;
        if (!isPossible || row.SpentAtCount < 0 || row.SpentAtCount > end.Count)
        {
            Report(
                FindingKind.SpentDiffers,
                account.Id,
                row.IsPayer
                    ? $"at most the {account.PaidMicros} micros that left it, by one of {end.Count} transfers"
                    : $"0 on an account of kind {row.Kind}",
                $"{row.SpentMicros} micros, last by number {row.SpentAtCount}");
        }

        if (row.Kind == AccountKind.Grants.Name())
        {
            CheckCredit(account, row);
        }
    }

    private void CheckCredit(AccountTally account, StoredAccount row)
    {
        if (row.HeldMicros < 0 || row.BalanceMicros < row.HeldMicros)
        {
            Report(FindingKind.CreditOverspent, account.Id, "balance ≥ held ≥ 0", $"{row.BalanceMicros} and {row.HeldMicros} micros");
        }

        if (accounts.Grant(account.Id) is null)
        {
            Report(FindingKind.GrantMissing, account.Id, "a grant with the terms of this credit", "none");
        }
    }

    private void Check(StoredGrant grant)
    {
        var account = accounts.Get(grant.Id);
        if (account.Stored is not { } row)
        {
            Report(FindingKind.AccountMissing, grant.Id, $"the account of grant {new GrantId(grant.Id)}", "none");
            return;
        }

        if (row.Kind != AccountKind.Grants.Name() || row.BillingAccount != grant.BillingAccount || row.Currency != grant.Currency)
        {
            Report(
                FindingKind.GrantTermsChanged,
                grant.Id,
                $"a grant of {new BillingAccountId(row.BillingAccount)} in {row.Currency}, as its account (kind {row.Kind}) is",
                $"one of {new BillingAccountId(grant.BillingAccount)} in {grant.Currency}");
        }

        CheckGranted(grant, account);
        var isOpen = grant.State == GrantState.Open.Name();
        if (isOpen != (row.BalanceMicros != 0 || row.HeldMicros != 0))
        {
            Report(
                FindingKind.GrantStateDiffers,
                grant.Id,
                isOpen ? "something on an open grant" : $"nothing on a grant that is {grant.State}",
                $"{row.BalanceMicros} micros, {row.HeldMicros} held");
        }
    }

    // Credit from before there were grants has no transfer of its own: it began with no more than ever came onto it.
    private void CheckGranted(StoredGrant grant, AccountTally account)
    {
        if (account.IsFunded ? grant.GrantedMicros == account.FundedMicros : grant.GrantedMicros <= Int128.Max(1, account.ReceivedMicros))
        {
            return;
        }

        Report(
            FindingKind.GrantedDiffers,
            grant.Id,
            account.IsFunded
                ? $"{account.FundedMicros} micros, as its funding transfer brought"
                : $"at most the {account.ReceivedMicros} micros that came onto it",
            $"{grant.GrantedMicros}");
    }

    private void Report(FindingKind kind, Guid? account, string expected, string found) => findings.Add(
        new BooksFinding(kind, org, null, account is { } id ? new AccountId(id) : null, expected, found));
}
