namespace Quoin.Payments.Internal;

/// <summary>Which provider in which mode: what an id of a provider means nothing without.</summary>
/// <param name="Provider">Its name.</param>
/// <param name="Mode">Test or live.</param>
internal readonly record struct ProviderPlace(string Provider, PaymentMode Mode)
{
    /// <summary>The mode as it is stored.</summary>
    public string ModeWord => Word.Of(Mode);
}
