namespace Quoin.Inference;

/// <summary>The bounds of the gateway, each with its reason.</summary>
public static class Limits
{
    /// <summary>The largest request: what vendors take, a few images of some megabytes each.</summary>
    public const long BodyBytesMax = 32 * 1024 * 1024;

    /// <summary>The largest plain answer that is read: an hour of output is far below.</summary>
    public const int AnswerBytesMax = 64 * 1024 * 1024;

    /// <summary>The largest event of a stream: a whole answer, as the last event of OpenAI's responses repeats it.</summary>
    public const int EventBytesMax = 16 * 1024 * 1024;

    /// <summary>What operators send to configure providers and models.</summary>
    public const long ConfigurationBytesMax = 64 * 1024;

    /// <summary>How often reservations of running calls are renewed: three times within their lease of a minute.</summary>
    public static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(20);
}
