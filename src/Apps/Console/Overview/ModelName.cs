namespace Quoin.ConsolePages.Overview;

/// <summary>How a model is called.</summary>
public static class ModelName
{
    /// <summary>Its name, or a word for usage that names none.</summary>
    public static string Of(ModelUsage model) => model.Name.Length == 0 ? "no model" : model.Name;
}
