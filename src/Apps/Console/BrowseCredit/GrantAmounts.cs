using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.ConsolePages.BrowseCredit;

/// <summary>What a grant's amounts come to.</summary>
public static class GrantAmounts
{
    /// <summary>What is left and not held.</summary>
    public static Money Free(Grant grant) => grant.Balance - grant.Held;

    /// <summary>What neither is left nor was spent: it expired, was taken back or paid out.</summary>
    public static Money Lapsed(Grant grant)
    {
        var rest = grant.Terms.Granted - grant.Spent - grant.Balance;
        return rest.Micros > 0 ? rest : Money.Zero(rest.Currency);
    }

    /// <summary>What a grant is called: why it was given, or where it came from.</summary>
    public static string Name(Grant grant) =>
        grant.Terms.Reference.Length > 0 ? grant.Terms.Reference : Words.Of(grant.Terms.Source);

    /// <summary>Where it stands, in words; one that waits is open, too.</summary>
    public static string State(Grant grant, DateTimeOffset now) => grant switch
    {
        { State: GrantState.Open, EndedAt: not null } => "Ending",
        { State: GrantState.Open } when grant.Terms.EffectiveAt > now => "Waiting",
        { State: GrantState.Open } when grant.Terms.ExpiresAt <= now => "Expired",
        _ => Words.Of(grant.State),
    };
}
