using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The person behind a caller.</summary>
internal static class CallerPerson
{
    /// <summary>The person whose own pages and endpoints are called: only people have the permission for those.</summary>
    public static UserId Person(this Caller caller) => Id.TryParse<UserId>(caller.Actor, out var user)
        ? user
        : throw new InvalidOperationException($"'{caller.Actor}' is not a person.");
}
