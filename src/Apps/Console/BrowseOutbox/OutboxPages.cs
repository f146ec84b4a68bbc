using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Notifications;

namespace Quoin.ConsolePages.BrowseOutbox;

/// <summary>
/// The mails of a Quoin without a mail server, to be read by whoever runs it. With one the page says so and shows none.
/// </summary>
internal static partial class OutboxPages
{
    /// <summary><c>GET /console/mails</c>.</summary>
    public static Task<IResult> Show(
        HttpContext context, Visits visits, MailOutbox outbox, CancellationToken cancellationToken) =>
        visits.ShowPlatform(
            context,
            FormText.Org(context.Request),
            async frame => frame.Page<OutboxView, OutboxModel>(
                new(outbox.IsInUse, await outbox.Latest(cancellationToken))),
            cancellationToken);

    /// <summary>A mail's text cut into what is a link and what is not.</summary>
    public static IEnumerable<(string Text, bool IsLink)> Parts(string text)
    {
        var from = 0;
        foreach (Match link in Link().Matches(text))
        {
            yield return (text[from..link.Index], false);
            yield return (link.Value, true);
            from = link.Index + link.Length;
        }

        yield return (text[from..], false);
    }

    [GeneratedRegex("https?://[^\\s]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();
}

/// <summary>What the outbox shows.</summary>
/// <param name="IsInUse">Whether mails stay here at all.</param>
/// <param name="Mails">The newest.</param>
public sealed record OutboxModel(bool IsInUse, IReadOnlyList<KeptMail> Mails);
