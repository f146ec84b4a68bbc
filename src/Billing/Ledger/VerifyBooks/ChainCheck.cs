using System.Buffers.Binary;
using System.Security.Cryptography;
using Quoin.Kernel;
using Quoin.Ledger.Internal;

namespace Quoin.Ledger.VerifyBooks;

/// <summary>
/// Follows an organisation's chain, transfer by transfer: (1) entries without a transfer; (2) its number; (3) its
/// entries' accounts, running balances and sum; (4) its hash; (5) what was anchored at its number. After a finding it
/// goes on from what is stored, so that one change is one finding. Pure: it reads bytes and asks nobody.
/// </summary>
internal sealed class ChainCheck
{
    private const byte Format = 1;
    private const int ContentBytes = 4096;

    // Accounts of a transfer whose kind is tried: more than one is changed by no mistake.
    private const int SuspectsMax = 10;

    private static readonly (string Name, byte[] Bytes)[] AccountKinds =
        [.. Enum.GetValues<AccountKind>().Select(kind => (kind.Name(), HashedText.Of(kind.Name())))];

    private readonly OrgId org;
    private readonly AnchoredHead? anchored;
    private readonly OrgFindings findings;
    private readonly byte[] orgBytes;
    private readonly byte[] content = new byte[ContentBytes];
    private readonly byte[] head = new byte[32];
    private readonly byte[] lastTransfer = new byte[16];
    private readonly ZeroSum sum = new();
    private long count;
    private long recordedAt;
    private long transfers;
    private long entries;

    public ChainCheck(OrgId org, ChainPosition from, AnchoredHead? anchored, OrgFindings findings)
    {
        (this.org, this.anchored, this.findings) = (org, anchored, findings);
        orgBytes = org.Value.ToByteArray(bigEndian: true);
        (count, recordedAt, transfers, entries) = (from.Count, from.LastRecordedAtMicros, from.Transfers, from.Entries);
        from.Head.CopyTo(head, 0);
        from.LastTransfer.TryWriteBytes(lastTransfer, bigEndian: true, out _);
    }

    public ChainPosition Position =>
        new(count, new Guid(lastTransfer, bigEndian: true), [.. head], recordedAt, transfers, entries);

    /// <summary>Checks the transfers of a chunk with their entries.</summary>
    public void Check(BooksChunk chunk, OrgAccounts accounts)
    {
        var rows = chunk.Entries;
        var pending = new PendingEntry(rows);
        while (chunk.Transfers.Next())
        {
            var transfer = new CopiedTransfer(chunk.Transfers);
            while (pending.IsThere && pending.Entry.Transfer.SequenceCompareTo(transfer.Id) < 0)
            {
                ReportStray(pending.Entry);
                pending.Advance();
            }

            Check(transfer, ref pending, accounts);
        }

        while (pending.IsThere)
        {
            ReportStray(pending.Entry);
            pending.Advance();
        }
    }

    private void Check(CopiedTransfer transfer, ref PendingEntry pending, OrgAccounts accounts)
    {
        transfers++;
        var follows = CheckNumber(transfer);
        var writer = new ContentWriter(content);
        WriteTransfer(ref writer, transfer);
        var canHash = follows;
        var first = pending.Place;
        var number = 0;
        sum.Clear();
        while (pending.IsThere && pending.Entry.Transfer.SequenceEqual(transfer.Id))
        {
            var account = Check(transfer, pending.Entry, accounts);
            canHash &= account.HashedKind is not null;
            WriteEntry(ref writer, pending.Entry, account.HashedKind ?? []);
            number++;
            pending.Advance();
        }

        entries += number;
        if (sum.Unbalanced is { } unbalanced)
        {
            Report(FindingKind.TransferUnbalanced, transfer, null, "entries that sum to zero", unbalanced);
        }

        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(writer.Written, hash);
        if (canHash && !hash.SequenceEqual(transfer.ChainHash))
        {
            Explain(transfer, hash, first, number, pending, accounts);
        }

        CheckAnchor(transfer);
        transfer.ChainHash[..Math.Min(transfer.ChainHash.Length, head.Length)].CopyTo(head);
        transfer.Id.CopyTo(lastTransfer);
        (count, recordedAt) = (transfer.ChainCount, Math.Max(recordedAt, transfer.RecordedAtMicros));
    }

    // False where the hash before it is not known, so that its own cannot be computed.
    private bool CheckNumber(CopiedTransfer transfer)
    {
        // What is stored may be any number.
        var expected = (Int128)count + 1;
        if (transfer.ChainCount == expected)
        {
            return true;
        }

        var after = count == 0 ? "the beginning" : $"number {count} ({new TransferId(new Guid(lastTransfer, bigEndian: true))})";
        if (transfer.ChainCount > expected)
        {
            Report(
                FindingKind.TransfersMissing,
                transfer,
                null,
                $"number {expected} after {after}",
                $"number {transfer.ChainCount}: {transfer.ChainCount - expected} taken out before it; its own hash cannot be checked");
            return false;
        }

        Report(FindingKind.TransferOutOfOrder, transfer, null, $"number {expected} after {after}", $"number {transfer.ChainCount}");
        return false;
    }

    private AccountTally Check(CopiedTransfer transfer, CopiedEntry entry, OrgAccounts accounts)
    {
        var amount = BinaryPrimitives.ReadInt64BigEndian(entry.Amount);
        var balance = BinaryPrimitives.ReadInt64BigEndian(entry.BalanceAfter);
        var account = accounts.Get(new Guid(entry.Account, bigEndian: true));
        sum.Add(entry.Currency, amount);
        CheckChart(transfer, entry, account);
        var expected = (Int128)account.BalanceMicros + amount;
        if (expected != balance)
        {
            Report(FindingKind.RunningBalanceDiffers, transfer, account, $"{expected} micros after {amount}", $"{balance} micros");
        }

        account.BalanceMicros = balance;
        if (amount > 0)
        {
            account.ReceivedMicros += amount;
        }
        else
        {
            account.PaidMicros -= amount;
        }

        if (entry.Account.SequenceEqual(transfer.Id))
        {
            CheckFunding(transfer, account, amount, accounts);
        }

        return account;
    }

    private void CheckChart(CopiedTransfer transfer, CopiedEntry entry, AccountTally account)
    {
        if (account.IsReported)
        {
            return;
        }

        if (account.Stored is not { } stored)
        {
            account.IsReported = true;
            Report(FindingKind.AccountMissing, transfer, account, "the account its entry names", "none; its hash cannot be checked");
        }
        else if (!transfer.BillingAccount.SequenceEqual(stored.BillingAccountBytes))
        {
            account.IsReported = true;
            var of = new BillingAccountId(new Guid(transfer.BillingAccount, bigEndian: true));
            Report(
                FindingKind.AccountMoved,
                transfer,
                account,
                $"an account of the transfer's billing account {of}",
                $"one of {new BillingAccountId(stored.BillingAccount)}");
        }
        else if (!entry.Currency.SequenceEqual(stored.CurrencyBytes))
        {
            account.IsReported = true;
            Report(
                FindingKind.AccountMoved,
                transfer,
                account,
                $"an account in its entry's {CopiedTransfer.TextOf(entry.Currency)}",
                $"one in {stored.Currency}");
        }
    }

    private void CheckFunding(CopiedTransfer transfer, AccountTally account, long amount, OrgAccounts accounts)
    {
        account.FundedMicros += Math.Max(amount, 0);
        if (account.IsFunded)
        {
            return;
        }

        account.IsFunded = true;
        if (accounts.Grant(account.Id) is { } grant && grant.WhyNotFundedBy(transfer) is { } difference)
        {
            Report(FindingKind.GrantTermsChanged, transfer, account, difference.Expected, difference.Found);
        }
    }

    private void CheckAnchor(CopiedTransfer transfer)
    {
        if (anchored is null || anchored.TransferCount != transfer.ChainCount)
        {
            return;
        }

        if (transfer.IdValue != anchored.LastTransfer?.Value || !transfer.ChainHash.SequenceEqual(anchored.HeadHash))
        {
            Report(
                FindingKind.AnchorDiffers,
                transfer,
                null,
                $"the anchored transfer {anchored.LastTransfer} with the hash {Convert.ToHexStringLower(anchored.HeadHash)} as "
                    + $"number {anchored.TransferCount}",
                $"{new TransferId(transfer.IdValue)} with {Convert.ToHexStringLower(transfer.ChainHash)}: something up to it was "
                    + "changed after it was anchored");
        }
    }

    // Where another kind of one of its accounts makes the hash fit, that account was changed, not the transfer.
    private void Explain(
        CopiedTransfer transfer, ReadOnlySpan<byte> hash, int first, int number, PendingEntry pending, OrgAccounts accounts)
    {
        var ahead = pending.Ahead;
        var suspects = Accounts(pending.From(first), number, accounts);
        foreach (var suspect in suspects.Take(SuspectsMax))
        {
            foreach (var kind in AccountKinds)
            {
                if (Fits(transfer, pending.From(first), number, accounts, suspect, kind.Bytes))
                {
                    Report(FindingKind.AccountKindChanged, transfer, suspect, kind.Name, suspect.Stored!.Kind);
                    suspect.HashedKind = kind.Bytes;
                    pending.Return(ahead);
                    return;
                }
            }
        }

        pending.Return(ahead);
        Report(
            FindingKind.TransferChanged,
            transfer,
            null,
            $"content with the hash {Convert.ToHexStringLower(transfer.ChainHash)}",
            $"content with {Convert.ToHexStringLower(hash)}, or another hash before it ({CopiedTransfer.TextOf(transfer.Kind)}, "
                + $"key '{CopiedTransfer.TextOf(transfer.Key)}')");
    }

    private static HashSet<AccountTally> Accounts(PendingEntry entry, int number, OrgAccounts accounts)
    {
        var all = new HashSet<AccountTally>();
        for (var index = 0; index < number; index++)
        {
            all.Add(accounts.Get(new Guid(entry.Entry.Account, bigEndian: true)));
            entry.Advance();
        }

        return all;
    }

    private bool Fits(
        CopiedTransfer transfer, PendingEntry entry, int number, OrgAccounts accounts, AccountTally suspect, byte[] kind)
    {
        var writer = new ContentWriter(content);
        WriteTransfer(ref writer, transfer);
        for (var index = 0; index < number; index++)
        {
            var account = accounts.Get(new Guid(entry.Entry.Account, bigEndian: true));
            WriteEntry(ref writer, entry.Entry, ReferenceEquals(account, suspect) ? kind : account.HashedKind!);
            entry.Advance();
        }

        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(writer.Written, hash);
        return hash.SequenceEqual(transfer.ChainHash);
    }

    // The bytes of ChainHash and of ledger.chain_hash_of, taken from the row as it came.
    private void WriteTransfer(ref ContentWriter writer, CopiedTransfer transfer)
    {
        writer.Byte(Format);
        writer.Bytes(head);
        writer.Bytes(orgBytes);
        writer.Integer64(transfer.ChainCount);
        writer.Bytes(transfer.Id);
        writer.Bytes(transfer.BillingAccount);
        writer.Integer64(transfer.OccurredAtMicros);
        writer.Integer64(transfer.RecordedAtMicros);
        writer.Bytes(transfer.Reverses.IsEmpty ? NoTransfer : transfer.Reverses);
        writer.Bytes(transfer.BodyHash);
        writer.Bytes(transfer.Kind);
        writer.Bytes(transfer.Key);
        writer.Bytes(transfer.Reference);
        writer.Bytes(transfer.Metadata);
    }

    private static void WriteEntry(ref ContentWriter writer, CopiedEntry entry, byte[] accountKind)
    {
        writer.Bytes(entry.Ordinal);
        writer.Bytes(entry.Account);
        writer.Bytes(accountKind);
        writer.Bytes(entry.Currency);
        writer.Bytes(entry.Amount);
        writer.Bytes(entry.BalanceAfter);
    }

    private void ReportStray(CopiedEntry entry)
    {
        var transfer = new TransferId(new Guid(entry.Transfer, bigEndian: true));
        findings.Add(new BooksFinding(
            FindingKind.EntryWithoutTransfer,
            org,
            transfer,
            new AccountId(new Guid(entry.Account, bigEndian: true)),
            "the transfer of this entry",
            $"none; its entry {BinaryPrimitives.ReadInt16BigEndian(entry.Ordinal)} is "
                + $"{BinaryPrimitives.ReadInt64BigEndian(entry.Amount)} micros"));
        entries++;
    }

    private void Report(FindingKind kind, CopiedTransfer transfer, AccountTally? account, string expected, string found) =>
        findings.Add(new BooksFinding(
            kind, org, new TransferId(transfer.IdValue), account is null ? null : new AccountId(account.Id), expected, found));

    private static ReadOnlySpan<byte> NoTransfer => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
}
