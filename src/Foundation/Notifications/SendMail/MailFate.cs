using System.Net.Mail;
using System.Net.Sockets;

namespace Quoin.Notifications.Internal;

/// <summary>What becomes of a mail that could not be handed over.</summary>
/// <param name="State">How it stands now.</param>
/// <param name="Error">What went wrong, cut to what is kept.</param>
/// <param name="Pause">How long to wait before the next attempt, where there is one.</param>
internal sealed record MailFate(MailState State, string? Error, TimeSpan Pause)
{
    /// <summary>It was handed over.</summary>
    public static readonly MailFate Sent = new(MailState.Sent, null, TimeSpan.Zero);

    /// <summary>After a failure.</summary>
    /// <param name="failure">An <see cref="SmtpException"/>, or the end of patience.</param>
    /// <param name="attempts">How many there were, this one among them.</param>
    /// <param name="chance">A number from 0 to below 1, which spreads the next attempts.</param>
    public static MailFate After(Exception failure, int attempts, double chance)
    {
        var error = failure.Message[..Math.Min(failure.Message.Length, Limits.ErrorLettersMax)];
        if (failure is not SmtpException refusal)
        {
            return new MailFate(MailState.Uncertain, error, TimeSpan.Zero);
        }

        // A reply of the server is certain; a connection that broke may have broken after the mail was taken.
        var isCertain = refusal.StatusCode != SmtpStatusCode.GeneralFailure
            || refusal.InnerException is SocketException;
        var isLast = attempts >= Limits.MailAttemptsMax || IsRefusedForGood(refusal);
        return (isCertain, isLast) switch
        {
            (false, _) => new MailFate(MailState.Uncertain, error, TimeSpan.Zero),
            (_, true) => new MailFate(MailState.Dead, error, TimeSpan.Zero),
            _ => new MailFate(MailState.Waiting, error, PauseAfter(attempts, chance)),
        };
    }

    // RFC 5321, section 4.2.1: a reply of the 500s is final.
    private static bool IsRefusedForGood(SmtpException failure) => (int)failure.StatusCode >= 500;

    private static TimeSpan PauseAfter(int attempts, double chance)
    {
        var doubled = Limits.MailRetryFirst * Math.Pow(2, attempts - 1);
        var bounded = doubled < Limits.MailRetryLongest ? doubled : Limits.MailRetryLongest;
        return bounded * (1 + (chance / 10));
    }
}
