namespace Quoin.Inference;

/// <summary>
/// Takes out of what customers send what must not leave. Those registered as a service are known by their names to
/// organisations' policies; registering one more adds to them.
/// </summary>
public interface IContentRedactor
{
    /// <summary>The name policies know it by.</summary>
    string Name { get; }

    /// <summary>A text without what it finds; the same object where it finds nothing. Called for each text, by many at once.</summary>
    string Redact(string text);
}
