namespace Quoin.Inference;

/// <content>The bounds of counting tokens.</content>
public static partial class Limits
{
    /// <summary>
    /// So much of a stream's text is kept while it runs, to count its tokens should its provider not: answers are mostly
    /// shorter, and a thousand streams keep eight megabytes.
    /// </summary>
    public const int SampledBytesMax = 8 * 1024;
}
