using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The person behind a caller.</summary>
internal static class CallerPerson
{
    /// <summary>The person whose own pages and endpoints are called: only people have the permission for those.</summary>
    public static UserId Person(this Caller caller) => MyAccount.UserOf(caller)
        ?? throw new InvalidOperationException($"'{caller.Actor}' is no person, yet may manage a profile.");
}
