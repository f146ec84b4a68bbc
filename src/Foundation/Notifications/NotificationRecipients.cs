using Quoin.Kernel;
using Quoin.Notifications.Internal;

namespace Quoin.Notifications;

/// <summary>Every way choosing who gets mails can end.</summary>
public abstract record RecipientsOutcome
{
    private RecipientsOutcome()
    {
    }

    /// <summary>Members of the request are wrong: each with what is wrong with it.</summary>
    public sealed record Invalid(IReadOnlyDictionary<string, string> Errors) : RecipientsOutcome;

    /// <summary>They are as wanted.</summary>
    public sealed record Chosen(IReadOnlyList<MailRecipient> Recipients) : RecipientsOutcome;
}

/// <summary>Who of an organisation gets which mails.</summary>
public sealed class NotificationRecipients
{
    private readonly ChooseRecipients choosing;

    internal NotificationRecipients(ChooseRecipients choosing) => this.choosing = choosing;

    /// <summary>Whether there is a mail server at all.</summary>
    public bool IsMailAvailable => choosing.IsMailAvailable;

    /// <summary>The recipients, by address.</summary>
    public Task<IReadOnlyList<MailRecipient>> Of(OrgId org, CancellationToken cancellationToken) =>
        choosing.Read(org, cancellationToken);

    /// <summary>Chooses all recipients anew; at most <see cref="Limits.RecipientsMax"/>.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="recipients">Who shall get mails from now on; nobody else.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<RecipientsOutcome> Choose(
        OrgId org, IReadOnlyList<MailRecipient> recipients, string actor, CancellationToken cancellationToken) =>
        choosing.Handle(org, recipients, actor, cancellationToken);

    /// <summary>The newest mails, at most <see cref="Limits.MailsShown"/>.</summary>
    public Task<IReadOnlyList<SentMail>> LatestMails(OrgId org, CancellationToken cancellationToken) =>
        choosing.Mails(org, cancellationToken);
}
