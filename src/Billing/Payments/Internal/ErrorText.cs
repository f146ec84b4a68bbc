namespace Quoin.Payments.Internal;

/// <summary>Texts of failures, as rows take them.</summary>
internal static class ErrorText
{
    /// <summary>As much of a text as is kept.</summary>
    public static string Cut(string text, int charactersMax) => text.Length > charactersMax ? text[..charactersMax] : text;

    /// <summary>A failure that was thrown, in a line.</summary>
    public static string Of(Exception failure) =>
        Cut($"{failure.GetType().Name}: {failure.Message}", WebhookLimits.ErrorLettersMax);
}
