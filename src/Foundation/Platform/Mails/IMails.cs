using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>A mail to one person, in plain text.</summary>
/// <param name="To">The address.</param>
/// <param name="Subject">One line.</param>
/// <param name="Text">What it says, lines broken by <c>\n</c>. It may hold secrets, such as a link that signs in.</param>
/// <param name="Purpose">What it is for, as <c>noun.verb</c>, shown where mails are listed: <c>password.reset</c>.</param>
/// <param name="Org">The organisation it is about; null when it is about a person alone.</param>
public sealed record Mail(string To, string Subject, string Text, string Purpose, OrgId? Org = null)
{
    /// <summary>Without address and text, which belong in no log.</summary>
    public override string ToString() => $"A mail ({Purpose})";
}

/// <summary>
/// Sends mails to people; implemented by Notifications, wired by Server. A mail is written with the fact it tells of and
/// leaves after the commit. Its text is kept encrypted, and only until a mail server has taken it.
/// </summary>
public interface IMails
{
    /// <summary>Has a mail sent once the caller commits.</summary>
    Task Send(NpgsqlTransaction transaction, Mail mail, CancellationToken cancellationToken);

    /// <summary>After the commit: a mail waits, look soon. Mails leave without it too, some seconds later.</summary>
    void Hint();
}
