using System.Globalization;
using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Notifications;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseNotifications;

/// <summary>What the page of mails shows.</summary>
/// <param name="IsAvailable">Whether there is a mail server at all.</param>
/// <param name="Recipients">Who gets which mails, or what a form wanted.</param>
/// <param name="Latest">The newest mails.</param>
/// <param name="Complaint">Why a choice came to nothing; null where none was tried.</param>
public sealed record MailSettings(
    bool IsAvailable, IReadOnlyList<MailRecipient> Recipients, IReadOnlyList<SentMail> Latest, string? Complaint);

/// <summary>Shows and chooses who gets which mails.</summary>
internal static class MailPages
{
    /// <summary><c>GET /console/notification-settings</c>.</summary>
    public static Task<IResult> Show(
        Parameters<WebhooksRequest> parameters,
        Visits visits,
        NotificationRecipients recipients,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame => await View(
            frame,
            recipients,
            await recipients.Of(frame.RequiredOrg.Id, cancellationToken),
            complaint: null,
            cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/notification-settings</c>.</summary>
    public static Task<IResult> Choose(
        Parameters<WebhooksRequest> parameters,
        Visits visits,
        NotificationRecipients recipients,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var wanted = Enumerable.Range(0, Quoin.Notifications.Limits.RecipientsMax)
                .Select(index => index.ToString(CultureInfo.InvariantCulture))
                .Select(index => new MailRecipient(
                    form[$"address-{index}"], NotificationText.TopicsOf(form[$"topics-{index}"])))
                .Where(recipient => recipient.Address.Length > 0)
                .ToList();
            var outcome = await recipients.Choose(
                frame.RequiredOrg.Id, wanted, frame.Caller.Actor, cancellationToken);
            return outcome is RecipientsOutcome.Invalid(var errors)
                ? await View(frame, recipients, wanted, NotificationText.Complaint(errors), cancellationToken)
                : PostedForm.SeeOther(context, frame.To(Places.NotificationSettings));
        },
        cancellationToken);

    private static async Task<IResult> View(
        Frame frame,
        NotificationRecipients recipients,
        IReadOnlyList<MailRecipient> shown,
        string? complaint,
        CancellationToken cancellationToken) =>
        frame.Page<MailView, MailSettings>(
            new(
                recipients.IsMailAvailable,
                shown,
                await recipients.LatestMails(frame.RequiredOrg.Id, cancellationToken),
                complaint),
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
}
