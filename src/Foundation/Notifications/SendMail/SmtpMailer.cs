using System.Net.Mail;
using System.Net.Mime;
using System.Text;
using Quoin.Kernel;

namespace Quoin.Notifications.Internal;

/// <summary>Hands mails to the operator's mail server.</summary>
internal sealed class SmtpMailer(NotificationOptions options, TimeProvider time)
{
    /// <summary>Whether there is a mail server.</summary>
    public bool IsAvailable => options.Smtp is not null;

    /// <summary>Hands a mail over.</summary>
    /// <exception cref="SmtpException">It was refused, or the connection broke.</exception>
    /// <exception cref="OperationCanceledException">It took too long, or the host stops.</exception>
    public async Task Send(DueMail mail, CancellationToken cancellationToken)
    {
        var server = options.Smtp ?? throw new InvalidOperationException("There is no mail server.");
        using var client = new SmtpClient(server.Host, server.Port)
        {
            EnableSsl = server.UsesTls,
            UseDefaultCredentials = false,
            Credentials = server.Credentials,
        };
        await Send(client, mail, server.From, cancellationToken);
    }

    /// <summary>Writes a mail into the folder for mails, where there is one, as an <c>.eml</c> file.</summary>
    public async Task Keep(DueMail mail, CancellationToken cancellationToken)
    {
        if (options.MailFolder is not { } folder)
        {
            return;
        }

        // The mails hold links that sign people in: nobody else on the machine reads them.
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(
                folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        using var client = new SmtpClient
        {
            DeliveryMethod = SmtpDeliveryMethod.SpecifiedPickupDirectory,
            PickupDirectoryLocation = folder,
        };
        await Send(client, mail, NotificationOptions.SenderWithoutServer, cancellationToken);
    }

    private async Task Send(SmtpClient client, DueMail mail, string from, CancellationToken cancellationToken)
    {
        using var message = new MailMessage(from, mail.Address, mail.Subject, mail.Body)
        {
            SubjectEncoding = Encoding.UTF8,
            BodyEncoding = Encoding.UTF8,
            BodyTransferEncoding = TransferEncoding.QuotedPrintable,
        };
        message.Headers.Add("Message-ID", $"<{IdText.Format("mail", mail.Id)}@{new MailAddress(from).Host}>");

        // RFC 3834: nobody's absence note shall answer it.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        using var timeout = new CancellationTokenSource(Limits.MailTimeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await client.SendMailAsync(message, ended.Token);
    }
}
