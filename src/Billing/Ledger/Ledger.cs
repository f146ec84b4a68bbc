using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger.Internal;
using Quoin.Platform;

namespace Quoin.Ledger;

/// <summary>
/// The door to the books: only the ledger changes balances. Commands of many callers are gathered and carried out
/// together; those that must stand or fall with something else join its transaction.
/// </summary>
public sealed partial class Ledger : IAsyncDisposable
{
    private readonly NpgsqlDataSource database;
    private readonly Flush flush;
    private readonly AccountQueries accounts;
    private readonly EntryQueries entries;
    private readonly TransferQueries transfers;
    private readonly CreditQueries credit;
    private readonly GroupCommit<CommandWork>[] lanes;

    /// <summary>Opens the books of a database.</summary>
    public Ledger(NpgsqlDataSource database, TimeProvider time, IdSource ids)
        : this(database, time, ids, (_, _) => ValueTask.CompletedTask, Limits.FlushesUntilTrusted)
    {
    }

    /// <summary>Opens the books of a database, for a simulation.</summary>
    /// <param name="database">The database.</param>
    /// <param name="time">The system clock.</param>
    /// <param name="ids">Names what is made.</param>
    /// <param name="reach">Called at each round trip.</param>
    /// <param name="flushesUntilTrusted">Instead of <see cref="Limits.FlushesUntilTrusted"/>.</param>
    public Ledger(
        NpgsqlDataSource database, TimeProvider time, IdSource ids, LedgerCheckpoint reach, int flushesUntilTrusted)
    {
        this.database = database;
        flush = new Flush(time, ids, reach, flushesUntilTrusted);
        (accounts, entries) = (new AccountQueries(database), new EntryQueries(database));
        (transfers, credit) = (new TransferQueries(database), new CreditQueries(database));
        var options = new GroupCommitOptions(
            Writers: 1,
            Limits.CommandsPerFlushMax,
            Limits.QueuedCommandsMax,
            FurtherWriterWeight: int.MaxValue);
        lanes = [.. Enumerable.Range(0, Limits.Lanes).Select(_ => new GroupCommit<CommandWork>(options, database, Carry))];
    }

    /// <summary>
    /// Carries a command out, together with others that come at the same time. It is durable when this returns.
    /// Commands of one organisation are carried out in the order they came to this replica.
    /// </summary>
    /// <typeparam name="TOutcome">How it can end.</typeparam>
    /// <returns>
    /// How it ended; null when too much is waiting: nothing was queued, come back later. A cancelled wait throws, and the
    /// command may still be carried out: its key makes it safe to repeat.
    /// </returns>
    public async ValueTask<TOutcome?> Run<TOutcome>(LedgerCommand<TOutcome> command, CancellationToken cancellationToken)
        where TOutcome : class
    {
        CommandChecks.Require(command);
        var work = new CommandWork(command);
        var lane = lanes[OrgShard.Of(command.Org, lanes.Length)];
        return await lane.Run(work, cancellationToken) ? (TOutcome)work.Outcome! : null;
    }

    /// <summary>
    /// Carries commands out as one group in a transaction of their own: what gathering callers comes to. It is durable
    /// when this returns; when it throws, the outcome is not known and the keys make it safe to repeat.
    /// </summary>
    /// <returns>One outcome for each command, in order, of the command's own kind.</returns>
    public async Task<IReadOnlyList<object>> RunTogether(
        IReadOnlyList<LedgerCommand> commands, CancellationToken cancellationToken)
    {
        foreach (var command in commands)
        {
            CommandChecks.Require(command);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await flush.Run(connection, [.. commands.Select(HashedCommand.Of)], cancellationToken);
    }

    /// <summary>
    /// Carries commands out inside the caller's transaction, in order. The books of their organisations stay locked until
    /// the caller commits, so it does so soon and asks nobody outside meanwhile.
    /// </summary>
    /// <returns>One outcome for each command, in order, of the command's own kind.</returns>
    public async Task<IReadOnlyList<object>> RunWithin(
        NpgsqlTransaction transaction, IReadOnlyList<LedgerCommand> commands, CancellationToken cancellationToken)
    {
        foreach (var command in commands)
        {
            CommandChecks.Require(command);
        }

        return commands.Count == 0
            ? []
            : await flush.Run(transaction, [.. commands.Select(HashedCommand.Of)], cancellationToken);
    }

    /// <summary>Carries one command out inside the caller's transaction.</summary>
    /// <inheritdoc cref="RunWithin(NpgsqlTransaction, IReadOnlyList{LedgerCommand}, CancellationToken)" />
    public async Task<TOutcome> RunWithin<TOutcome>(
        NpgsqlTransaction transaction, LedgerCommand<TOutcome> command, CancellationToken cancellationToken)
        where TOutcome : class => (TOutcome)(await RunWithin(transaction, [command], cancellationToken))[0];

    /// <summary>
    /// Carries commands out together with rows of the caller's own, and commits the caller's transaction with them: what
    /// takes part in the same decision and must not cost round trips of its own.
    /// </summary>
    /// <param name="transaction">The caller's transaction; it is over when this returns.</param>
    /// <param name="commands">The commands; at least one.</param>
    /// <param name="company">The caller's own statements.</param>
    /// <param name="cancellationToken">Breaks it off before anything is written.</param>
    /// <returns>One outcome for each command, in order, of the command's own kind.</returns>
    public async Task<IReadOnlyList<object>> CommitWith(
        NpgsqlTransaction transaction,
        IReadOnlyList<LedgerCommand> commands,
        LedgerCompany company,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(commands.Count);
        foreach (var command in commands)
        {
            CommandChecks.Require(command);
        }

        return await flush.Run(transaction, [.. commands.Select(HashedCommand.Of)], company, cancellationToken);
    }

    /// <summary>
    /// Carries commands out as this process remembers the books, together with rows of the caller's own, in one round trip
    /// that is the transaction: it stands only if the database finds all of it as it was remembered.
    /// </summary>
    /// <param name="connection">Where; it is in no transaction.</param>
    /// <param name="commands">The commands; at least one.</param>
    /// <param name="company">The caller's own statements.</param>
    /// <param name="cancellationToken">Breaks it off before anything is written.</param>
    /// <returns>
    /// One outcome for each command, in order, of the command's own kind; null where memory does not suffice, was wrong, or
    /// what it says was not accepted: then nothing was written, and <see cref="CommitWith"/> is the way.
    /// </returns>
    public async Task<IReadOnlyList<object>?> TryCommitRemembered(
        NpgsqlConnection connection,
        IReadOnlyList<LedgerCommand> commands,
        RememberedCompany company,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(commands.Count);
        foreach (var command in commands)
        {
            CommandChecks.Require(command);
        }

        return await flush.RunRemembered(connection, [.. commands.Select(HashedCommand.Of)], company, cancellationToken);
    }

    /// <summary>Posts transfers inside the caller's transaction, one outcome a request in the same order.</summary>
    public async Task<IReadOnlyList<PostOutcome>> Post(
        NpgsqlTransaction transaction, IReadOnlyList<TransferRequest> requests, CancellationToken cancellationToken)
    {
        var outcomes = await RunWithin(transaction, [.. requests.Select(request => new PostTransfer(request))], cancellationToken);
        return [.. outcomes.Cast<PostOutcome>()];
    }

    /// <summary>Refuses new commands and waits until all that were queued are carried out.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in lanes)
        {
            await lane.DisposeAsync();
        }
    }

    private async Task Carry(
        NpgsqlConnection connection, IReadOnlyList<CommandWork> group, CancellationToken cancellationToken)
    {
        var outcomes = await flush.Run(connection, [.. group.Select(work => work.Command)], cancellationToken);
        foreach (var (work, outcome) in group.Zip(outcomes))
        {
            work.Outcome = outcome;
        }
    }

    private sealed class CommandWork(LedgerCommand command) : IGroupWork
    {
        public HashedCommand Command { get; } = HashedCommand.Of(command);

        public OrgId Org => Command.Command.Org;

        public int Weight => 1;

        public object? Outcome { get; set; }
    }
}

/// <summary>An account of the chart and what stands on it.</summary>
/// <param name="Id">The account.</param>
/// <param name="BillingAccount">Whose chart it belongs to.</param>
/// <param name="Kind">Its place in the chart.</param>
/// <param name="Balance">Above zero it holds, below zero it gave or is owed.</param>
/// <param name="Held">What holds reserve of it.</param>
/// <param name="CreditLimit">How far below zero holds may plan to bring it; null is without limit.</param>
public sealed record AccountBalance(
    AccountId Id,
    BillingAccountId BillingAccount,
    AccountKind Kind,
    Money Balance,
    Money Held,
    Money? CreditLimit);

/// <summary>Which entries to read; what is null does not filter.</summary>
/// <param name="BillingAccount">Of this billing account.</param>
/// <param name="Account">On this account.</param>
/// <param name="Transfer">Of this transfer.</param>
public sealed record EntryFilter(BillingAccountId? BillingAccount, AccountId? Account, TransferId? Transfer);

/// <summary>A place in the order of entries.</summary>
/// <param name="Transfer">The transfer.</param>
/// <param name="Ordinal">The entry's place in it.</param>
public readonly record struct EntryPosition(TransferId Transfer, short Ordinal);

/// <summary>One side of a transfer, as it stands in the books.</summary>
/// <param name="Position">Its place.</param>
/// <param name="BillingAccount">Whose chart.</param>
/// <param name="Account">The account it changed.</param>
/// <param name="AccountKind">That account's place in the chart.</param>
/// <param name="Amount">The change.</param>
/// <param name="BalanceAfter">The account's balance right after it.</param>
/// <param name="Kind">The business fact's name.</param>
/// <param name="Key">The transfer's natural key.</param>
/// <param name="Reference">What led to it.</param>
/// <param name="OccurredAt">When the fact happened.</param>
/// <param name="RecordedAt">When the books learned of it.</param>
public sealed record Entry(
    EntryPosition Position,
    BillingAccountId BillingAccount,
    AccountId Account,
    AccountKind AccountKind,
    Money Amount,
    Money BalanceAfter,
    string Kind,
    string Key,
    string Reference,
    DateTimeOffset OccurredAt,
    DateTimeOffset RecordedAt);
