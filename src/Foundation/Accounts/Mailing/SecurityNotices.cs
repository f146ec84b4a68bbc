using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Tells people by mail when the ways into their account change, so that they notice what was not them. Who has no address
/// is not told; the audit log knows.
/// </summary>
internal sealed class SecurityNotices(IMails mails)
{
    /// <summary>Something signs them in from now on.</summary>
    /// <param name="transaction">The caller's, which adds it.</param>
    /// <param name="user">Whose.</param>
    /// <param name="what">What: <c>the passkey "Laptop"</c>.</param>
    /// <param name="cancellationToken">Ends the attempt; the transaction is then of no use.</param>
    public Task WayInAdded(
        NpgsqlTransaction transaction, UserId user, string what, CancellationToken cancellationToken) =>
        Tell(transaction, user, email => PeopleMails.WayInChanged(email, what, isAdded: true), cancellationToken);

    /// <summary>Something signs them in no more.</summary>
    /// <param name="transaction">The caller's, which removes it.</param>
    /// <param name="user">Whose.</param>
    /// <param name="what">What: <c>the passkey "Laptop"</c>.</param>
    /// <param name="cancellationToken">Ends the attempt; the transaction is then of no use.</param>
    public Task WayInRemoved(
        NpgsqlTransaction transaction, UserId user, string what, CancellationToken cancellationToken) =>
        Tell(transaction, user, email => PeopleMails.WayInChanged(email, what, isAdded: false), cancellationToken);

    /// <summary>After the commit.</summary>
    public void Hint() => mails.Hint();

    private async Task Tell(
        NpgsqlTransaction transaction, UserId user, Func<string, Mail> mail, CancellationToken cancellationToken)
    {
        if ((await UserRows.Find(transaction, user, cancellationToken))?.Email is { } email)
        {
            await mails.Send(transaction, mail(email), cancellationToken);
        }
    }
}
