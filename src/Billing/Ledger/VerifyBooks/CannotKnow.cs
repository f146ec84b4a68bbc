using Quoin.Kernel;

namespace Quoin.Ledger.VerifyBooks;

/// <summary>What verification cannot tell, said plainly so that nobody believes more than was proved.</summary>
internal static class CannotKnow
{
    private const string NotChained =
        "Holds, credit limits and the terms of credit from before there were grants are not under the chain: they are checked "
        + "against the balances, not against what was once written.";

    public static IReadOnlyList<string> With(LedgerAnchor? anchor, IEnumerable<OrgId> verified) => anchor is null
        ?
        [
            "Without an anchor: whether somebody who owns the database changed transfers and computed the whole chain after "
            + "them anew.",
            "Without an anchor: whether the last transfers of an organisation were cut off and its balances and head written to fit.",
            "Without an anchor: whether an organisation was removed as a whole.",
            NotChained,
        ]
        :
        [
            $"Whether what was posted after the anchor of {anchor.AnchoredAt:yyyy-MM-dd HH:mm:ss}Z was written anew as a whole: "
            + "a later anchor tells.",
            .. NotAnchored(anchor, verified),
            NotChained,
        ];

    private static IEnumerable<string> NotAnchored(LedgerAnchor anchor, IEnumerable<OrgId> verified)
    {
        var others = verified.Count(org => anchor.HeadOf(org) is null);
        return others == 0
            ? []
            : [$"Anything beyond consistency of {others} organisations that are not in the anchor: they should be younger than it."];
    }
}
