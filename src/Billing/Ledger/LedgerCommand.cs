using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>Something to be changed in an organisation's books: a transfer, a hold, a grant.</summary>
/// <param name="Org">Whose books. Commands of an organisation are carried out in the order they came.</param>
public abstract record LedgerCommand(OrgId Org);

/// <summary>A change with its own ways to end.</summary>
/// <typeparam name="TOutcome">How it can end.</typeparam>
/// <param name="Org">Whose books.</param>
public abstract record LedgerCommand<TOutcome>(OrgId Org) : LedgerCommand(Org)
    where TOutcome : class;
