using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>What verification can find wrong with the books.</summary>
public enum FindingKind
{
    /// <summary>A transfer, its entries, or the kind of an account it moved is not what its hash covers.</summary>
    TransferChanged,

    /// <summary>The chain skips numbers: transfers were taken out.</summary>
    TransfersMissing,

    /// <summary>A transfer does not stand where its number says: it was put in, moved or numbered anew.</summary>
    TransferOutOfOrder,

    /// <summary>The organisation's books do not name the last transfer of the chain: the tail was cut or put on.</summary>
    HeadDiffers,

    /// <summary>An organisation has transfers, entries, accounts or grants, and no books.</summary>
    BooksMissing,

    /// <summary>A transfer's entries do not sum to zero.</summary>
    TransferUnbalanced,

    /// <summary>An entry belongs to a transfer that is not there.</summary>
    EntryWithoutTransfer,

    /// <summary>An entry, a grant or a hold names an account that is not there.</summary>
    AccountMissing,

    /// <summary>An account's kind is not the one its transfers were hashed with.</summary>
    AccountKindChanged,

    /// <summary>An account belongs to another billing account, or has another currency, than its transfers.</summary>
    AccountMoved,

    /// <summary>An entry's balance is not the balance before it and its amount.</summary>
    RunningBalanceDiffers,

    /// <summary>An account's balance is not the one after its last entry.</summary>
    BalanceDiffers,

    /// <summary>What an account says is held is not what open holds reserve on it.</summary>
    HeldDiffers,

    /// <summary>What an account says was spent cannot be: more than ever moved, or on an account that never pays.</summary>
    SpentDiffers,

    /// <summary>What an open hold reserves and what was captured of it are not its amount.</summary>
    HoldDiffers,

    /// <summary>Credit is overspent: less stands on it than is held, or less than nothing is held.</summary>
    CreditOverspent,

    /// <summary>An account of credit has no grant that says its terms.</summary>
    GrantMissing,

    /// <summary>A grant says it began with another amount than its funding transfer brought.</summary>
    GrantedDiffers,

    /// <summary>A grant's terms are not those of its funding transfer.</summary>
    GrantTermsChanged,

    /// <summary>A grant is marked open with nothing on it, or ended with something left.</summary>
    GrantStateDiffers,

    /// <summary>The chain does not pass through a head that was anchored: what lies before it was changed or cut.</summary>
    AnchorDiffers,

    /// <summary>An organisation that was anchored has no books any more.</summary>
    OrganisationMissing,
}

/// <summary>Something that verification found wrong.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Org">In whose books.</param>
/// <param name="Transfer">At which transfer; null where it is about none.</param>
/// <param name="Account">On which account; null where it is about none.</param>
/// <param name="Expected">What should be there, for a person.</param>
/// <param name="Found">What is there.</param>
public sealed record BooksFinding(
    FindingKind Kind, OrgId Org, TransferId? Transfer, AccountId? Account, string Expected, string Found)
{
    /// <summary>One line that says what to look at.</summary>
    public override string ToString()
    {
        var where = string.Join(' ', new[] { $"{Org}", $"{Transfer}", $"{Account}" }.Where(id => id.Length > 0));
        return $"{Name(Kind)} {where}: expected {Expected}; found {Found}";
    }

    private static string Name(FindingKind kind) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());
}
