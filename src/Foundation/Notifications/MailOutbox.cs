using Quoin.Kernel;
using Quoin.Notifications.Internal;

namespace Quoin.Notifications;

/// <summary>A mail to a person.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct MailId(Guid Value) : IId<MailId>
{
    /// <inheritdoc />
    public static string Prefix => "mail";

    /// <inheritdoc />
    public static MailId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A mail that no mail server took, because there is none.</summary>
/// <param name="Id">Its id.</param>
/// <param name="To">The address.</param>
/// <param name="Subject">One line.</param>
/// <param name="Purpose">What it is for: <c>password.reset</c>.</param>
/// <param name="Text">What it says; null once it is too old to be read.</param>
/// <param name="CreatedAt">When it was written.</param>
public sealed record KeptMail(
    MailId Id, string To, string Subject, string Purpose, string? Text, DateTimeOffset CreatedAt);

/// <summary>
/// The mails to people while there is no mail server: for trying Quoin out. They hold links that sign people in, so only
/// who may do everything may read them.
/// </summary>
public sealed class MailOutbox
{
    private readonly ReadOutbox reading;

    internal MailOutbox(ReadOutbox reading) => this.reading = reading;

    /// <summary>Whether mails stay here: there is no mail server.</summary>
    public bool IsInUse => reading.IsInUse;

    /// <summary>The newest, at most <see cref="Limits.OutboxShown"/>; none where there is a mail server.</summary>
    public Task<IReadOnlyList<KeptMail>> Latest(CancellationToken cancellationToken) => reading.Latest(cancellationToken);
}
