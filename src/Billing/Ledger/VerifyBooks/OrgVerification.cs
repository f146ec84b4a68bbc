using Npgsql;
using Quoin.Kernel;

namespace Quoin.Ledger.VerifyBooks;

/// <summary>
/// Verifies one organisation, stretch by stretch: (1) a snapshot, with the accounts as of then; (2) chunks of the chain,
/// each checked while the next is read; (3) after so many transfers a checkpoint, and a new snapshot; (4) where the
/// chain ends, the comparison with the rest of the same snapshot. What was appended meanwhile is in the next snapshot.
/// </summary>
internal sealed class OrgVerification(NpgsqlDataSource database, OrgId org, VerificationOptions options, VerificationTally tally)
{
    private readonly AnchoredHead? anchored = options.Anchor?.HeadOf(org);
    private readonly OrgAccounts accounts = new();

    // One is checked while the other is filled.
    private BooksChunk current = new();
    private BooksChunk other = new();

    public async Task Run(StateLine? checkpoint, CancellationToken cancellationToken)
    {
        var position = checkpoint?.Position ?? ChainPosition.Genesis(org);
        checkpoint?.Restore(accounts);
        var findings = new OrgFindings(tally.ListedOf(org));
        while (true)
        {
            await using var snapshot = await BooksSnapshot.Open(database, org, cancellationToken);
            accounts.Take(snapshot.Accounts, snapshot.Grants);
            var check = new ChainCheck(org, position, anchored, findings);
            var isEnd = await Follow(check, snapshot, position, cancellationToken);
            var before = position;
            position = check.Position;
            if (isEnd)
            {
                await snapshot.ReadEnd(cancellationToken);
                new EndCheck(org, position, snapshot, accounts, findings).Check(anchored);
                tally.Finish(org, before, position, findings);
                return;
            }

            tally.Checkpoint(org, before, position, findings, accounts);
        }
    }

    // True at the end of the chain.
    private async Task<bool> Follow(
        ChainCheck check, BooksSnapshot snapshot, ChainPosition from, CancellationToken cancellationToken)
    {
        var left = options.TransfersPerCheckpoint;
        await Read(snapshot, current, from.IsGenesis ? null : from.LastTransfer, left, cancellationToken);
        while (true)
        {
            left -= current.Count;
            var isEnd = current.IsLast;
            var reading = isEnd || left <= 0
                ? Task.CompletedTask
                : Read(snapshot, other, current.Last, left, cancellationToken);
            var chunk = current;
            await Task.WhenAll(reading, Task.Run(() => check.Check(chunk, accounts), CancellationToken.None));
            if (isEnd || left <= 0)
            {
                return isEnd;
            }

            (current, other) = (other, current);
        }
    }

    private static Task Read(BooksSnapshot snapshot, BooksChunk chunk, Guid? after, int left, CancellationToken cancellationToken) =>
        snapshot.Read(chunk, after, Math.Min(left, Limits.TransfersPerChunk), cancellationToken);
}
